using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary>An attachment as the form lists it. Its display name exists nowhere else.</summary>
/// <param name="Path">Member of the envelope, <c>attachments/0001</c>.</param>
/// <param name="Name">Display name.</param>
/// <param name="Type">Media type.</param>
public sealed record AttachmentEntry(string Path, string Name, string Type)
{
    /// <summary>Names the path only.</summary>
    public override string ToString() => Path;
}

/// <summary>
/// <c>referral.json</c>: the form, one member for each data category, so that withholding a category is leaving out
/// a member. Spec: docs/protocol.md §2.6.
/// </summary>
public sealed class Form
{
    private readonly SortedDictionary<Category, JsonElement> _fields;

    private Form(SortedDictionary<Category, JsonElement> fields, IReadOnlyList<AttachmentEntry> attachments) =>
        (_fields, Attachments) = (fields, attachments);

    /// <summary>The categories it discloses, in the order of §1.6, without <see cref="Category.Summary"/>.</summary>
    public IReadOnlyList<Category> Categories => [.. _fields.Keys];

    /// <summary>The attachments listed under <see cref="Category.Photos"/> and <see cref="Category.Documents"/>.</summary>
    public IReadOnlyList<AttachmentEntry> Attachments { get; }

    /// <summary>The fields of one category, or null.</summary>
    public JsonElement? this[Category category] => _fields.TryGetValue(category, out var fields) ? fields : null;

    /// <summary>Reads a form; false unless every member is a category, objects but for the two lists of attachments.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Form? form)
    {
        form = null;
        if (!SealedJson.TryRead<Dictionary<string, JsonElement>>(json, out var members)) return false;

        var fields = new SortedDictionary<Category, JsonElement>();
        var attachments = new List<AttachmentEntry>();
        foreach (var (name, value) in members)
        {
            if (!Code.TryParse<Category>(name, out var category) || category == Category.Summary) return false;
            if (category is Category.Photos or Category.Documents)
            {
                if (!SealedJson.TryRead<AttachmentEntry[]>(JsonSerializer.SerializeToUtf8Bytes(value), out var listed)) return false;
                attachments.AddRange(listed);
            }
            else if (value.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            fields.Add(category, value);
        }

        if (attachments.Select(a => a.Path).Distinct().Count() != attachments.Count) return false;
        form = new Form(fields, attachments);
        return true;
    }

    /// <summary>The form with only <paramref name="disclosed"/> left in it.</summary>
    public Form Reduce(IReadOnlyCollection<Category> disclosed)
    {
        var left = new SortedDictionary<Category, JsonElement>();
        foreach (var (category, fields) in _fields)
        {
            if (disclosed.Contains(category)) left.Add(category, fields);
        }

        return new Form(left, [.. Attachments.Where(a => left.Values.Any(f => Lists(f, a)))]);
    }

    /// <summary>The bytes to seal.</summary>
    public byte[] ToBytes() => SealedJson.Write(_fields.ToDictionary(f => Code.Text(f.Key), f => f.Value));

    /// <summary>Names the categories only.</summary>
    public override string ToString() => $"Form of {_fields.Count} categories";

    private static bool Lists(JsonElement fields, AttachmentEntry attachment) =>
        fields.ValueKind == JsonValueKind.Array && fields.EnumerateArray().Any(a => a.GetProperty("path").GetString() == attachment.Path);
}
