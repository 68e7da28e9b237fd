using System.Text.Json;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>One field that the recipient will see.</summary>
/// <param name="Part">In which sealed part.</param>
/// <param name="Category">The data category it stands in.</param>
/// <param name="Field">Its name, with those above it.</param>
/// <param name="Value">What it says.</param>
internal sealed record DisclosedField(Part Part, Category Category, string Field, string Value)
{
    /// <summary>Names the field only.</summary>
    public override string ToString() => Field;
}

/// <summary>What a referral would disclose, field by field; and what of it the consent does not cover. Pure.</summary>
internal static class Disclosure
{
    /// <summary>Every field of both parts, in their order.</summary>
    public static IReadOnlyList<DisclosedField> Fields(Summary summary, Form form)
    {
        var fields = new List<DisclosedField>();
        using (var document = JsonDocument.Parse(SealedJson.Write(summary)))
            Walk(document.RootElement, Part.Summary, Category.Summary, "summary", fields);
        foreach (var category in form.Categories) Walk(form[category]!.Value, Part.Record, category, Code.Text(category), fields);
        return fields;
    }

    /// <summary>The names of the fields of a whole form that a recipient of <paramref name="disclosed"/> does not get.</summary>
    public static IReadOnlyList<string> Withheld(Form whole, Form disclosed)
    {
        var fields = new List<DisclosedField>();
        foreach (var category in whole.Categories.Except(disclosed.Categories)) Walk(whole[category]!.Value, Part.Record, category, Code.Text(category), fields);
        return [.. fields.Select(f => f.Field)];
    }

    /// <summary>The names of the fields whose category is not among those that the grantor agreed to.</summary>
    public static IReadOnlyList<string> Outside(IReadOnlyList<DisclosedField> fields, IReadOnlyList<Category> agreed) =>
        [.. fields.Where(f => f.Part == Part.Record && !agreed.Contains(f.Category)).Select(f => f.Field)];

    private static void Walk(JsonElement value, Part part, Category category, string path, List<DisclosedField> fields)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Walk(member.Value, part, category, $"{path}.{member.Name}", fields);
                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in value.EnumerateArray().Index()) Walk(item, part, category, $"{path}.{index + 1}", fields);
                break;
            default:
                fields.Add(new(part, category, path, value.ToString()));
                break;
        }
    }
}
