using ReferralHub.Protocol.Content;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>What is to be sealed. Holds content: it is never logged.</summary>
/// <param name="Summary">The summary.</param>
/// <param name="Form">The form, with nothing in it that is not disclosed.</param>
/// <param name="Withheld">Names of the fields that stay here.</param>
internal sealed record Content(Summary Summary, Form Form, IReadOnlyList<string> Withheld)
{
    /// <summary>Checks the whole form, makes the summary from it and takes out what is not disclosed. Spec: docs/protocol.md §2.6.</summary>
    public static Content Of(ReferralFile file, DateTimeOffset now)
    {
        var form = file.ToForm() ?? throw new RefusedException(
            Refusal.Malformed, "form: every member is a data category with an object; attachments are photos or documents and are not listed in it.");
        if (!FormCheck.TryRead(form, now, out var whole, out var faults))
            throw new RefusedException(Refusal.FormInvalid, "The form does not keep to its schema; see it by: referral-gateway form schema", [.. faults.Select(f => f.ToString())]);
        if (file.Attachments?.All(a => file.Discloses(a.Category)) == false)
            throw new RefusedException(Refusal.Malformed, "attachments: of a category that is not disclosed.");

        var disclosed = form.Reduce([.. form.Categories.Where(file.Discloses)]);
        return disclosed.Categories.Count == 0
            ? throw new RefusedException(Refusal.Malformed, "disclose: nothing of the form would be left.")
            : new(Summaries.Of(file.Need, whole, now), disclosed, Disclosure.Withheld(form, disclosed));
    }

    /// <summary>Names the type only.</summary>
    public override string ToString() => nameof(Content);
}
