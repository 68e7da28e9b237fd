using System.Text.Json;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>The file of <c>send</c>: what is to be referred.</summary>
/// <param name="Purpose">What the recipient may use it for.</param>
/// <param name="Need">What is asked for; service and urgency also go to the hub.</param>
/// <param name="Form">The whole form by data category, without <c>photos</c> and <c>documents</c>: these come from the attachments.</param>
/// <param name="Disclose">The categories to disclose; when absent all that the form has, but never the immigration status.</param>
/// <param name="Attachments">Files that go along, in order.</param>
/// <param name="Expires">First second in which it is too late to accept; 14 days from now when absent, at most 30.</param>
/// <param name="Replaces">A declined referral that this one takes the place of.</param>
/// <param name="Without">Why it goes without consent; absent when it relies on one.</param>
/// <param name="Early">Why the record goes before acceptance; absent when it does not.</param>
internal sealed record ReferralFile(
    Purpose Purpose,
    Need Need,
    IReadOnlyDictionary<string, JsonElement> Form,
    IReadOnlyList<Category>? Disclose = null,
    IReadOnlyList<AttachedFile>? Attachments = null,
    DateTimeOffset? Expires = null,
    Guid? Replaces = null,
    WithoutConsent? Without = null,
    ReleaseReason? Early = null)
{
    /// <summary>Names nothing of the content.</summary>
    public override string ToString() => nameof(ReferralFile);

    /// <summary>Whether a category is disclosed.</summary>
    public bool Discloses(Category category) => Disclose?.Contains(category) ?? category != Category.ImmigrationStatus;

    /// <summary>The same without the attachments that are not disclosed: they never leave the sender's disk.</summary>
    public ReferralFile WithoutWithheldFiles() => this with { Attachments = Attachments is null ? null : [.. Attachments.Where(a => Discloses(a.Category))] };

    /// <summary>Names of the fields of this file that are such attachments.</summary>
    public IEnumerable<string> WithheldFiles() => (Attachments ?? []).Index().Where(a => !Discloses(a.Item.Category)).Select(a => $"attachments.{a.Index + 1}");

    /// <summary>
    /// The whole form, with the attachments listed in it; null unless each attachment is a photo or a document
    /// and the rest is well-formed. Spec: docs/protocol.md §2.6.
    /// </summary>
    public Form? ToForm()
    {
        var members = new Dictionary<string, JsonElement>(Form);
        var attached = (Attachments ?? []).Select((file, index) => (file.Category, Entry: Entry(file, index))).ToList();
        foreach (var group in attached.GroupBy(a => a.Category))
        {
            if (group.Key is not (Category.Photos or Category.Documents)) return null;
            var entries = JsonSerializer.SerializeToElement(group.Select(a => a.Entry).ToArray(), LocalJson.Options);
            if (!members.TryAdd(Code.Text(group.Key), entries)) return null;
        }

        return Protocol.Content.Form.TryRead(SealedJson.Write(members), out var form) && form.Attachments.Count == attached.Count ? form : null;
    }

    private static AttachmentEntry Entry(AttachedFile file, int index) => new(EnvelopeLayout.AttachmentPath(index + 1), file.Name, file.Type);
}

/// <summary>On what a referral stands that does not rely on consent.</summary>
/// <param name="Subject">Whom it is about, in words that find the child in our own files; never leaves this gateway.</param>
/// <param name="Basis">The basis.</param>
/// <param name="Ground">What that rests on.</param>
/// <param name="Told">Whether the child was told.</param>
/// <param name="Reason">The reason in words, for the recipient.</param>
/// <param name="When">When the child was or will be told, or why not, in words.</param>
internal sealed record WithoutConsent(string Subject, Basis Basis, LegalGround Ground, ChildTold Told, string Reason, string When)
{
    /// <summary>Names nothing of the content.</summary>
    public override string ToString() => nameof(WithoutConsent);
}

/// <summary>A file that goes along.</summary>
/// <param name="File">Where it is on this machine.</param>
/// <param name="Name">Its display name, which only the recipient sees.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Category"><c>photos</c> or <c>documents</c>.</param>
/// <param name="Size">Its length in bytes; filled in by the command.</param>
internal sealed record AttachedFile(string File, string Name, string Type, Category Category, long Size = 0)
{
    /// <summary>Names nothing of the content.</summary>
    public override string ToString() => nameof(AttachedFile);
}
