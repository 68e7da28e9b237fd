using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary>
/// The JSON Schema (2020-12) of <c>referral.json</c>, made from the types of its members; <see cref="FormCheck"/> checks with
/// it, and docs/schema/referral.json is what it comes out to. Spec: docs/protocol.md §2.6.
/// </summary>
public static class FormSchema
{
    /// <summary>Longest text, in characters (Unicode scalar values).</summary>
    public const int MaxText = 4000;

    /// <summary>Most elements of a list.</summary>
    public const int MaxItems = 64;

    private static readonly JsonSerializerOptions Printed = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The schema. Nobody changes it.</summary>
    internal static JsonObject Schema { get; } = Make();

    /// <summary>The schema as text, ending in a line feed.</summary>
    public static string Text => Schema.ToJsonString(Printed) + "\n";

    /// <summary>The type of a category's member.</summary>
    internal static Type TypeOf(Category category) => category switch
    {
        Category.Identity => typeof(Identity),
        Category.Contact => typeof(Contact),
        Category.SafeContact => typeof(SafeContact),
        Category.Caregivers => typeof(Caregivers),
        Category.Concern => typeof(Concern),
        Category.Health => typeof(Health),
        Category.Legal => typeof(Legal),
        Category.ImmigrationStatus => typeof(ImmigrationStatus),
        Category.Photos or Category.Documents => typeof(IReadOnlyList<AttachmentEntry>),
        Category.Summary => throw new ArgumentOutOfRangeException(nameof(category), "The summary is a part of its own."),
    };

    private static JsonObject Make()
    {
        var members = new JsonObject();
        foreach (var category in Enum.GetValues<Category>())
        {
            if (category != Category.Summary) members.Add(Code.Text(category), Of(TypeOf(category)));
        }

        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = "urn:referralhub:referral.json:1",
            ["title"] = "The form of a referral: one member for each data category",
            ["type"] = "object",
            ["properties"] = members,
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject Of(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsEnum) return OfCodes(type);
        if (type == typeof(string)) return new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = MaxText };
        if (type == typeof(bool)) return new() { ["type"] = "boolean" };
        if (type == typeof(int)) return new() { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = 120 };
        if (type == typeof(DateOnly)) return OfPattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
        if (type == typeof(DateTimeOffset)) return OfPattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$");

        var info = SealedJson.TypeInfo(type);
        return info.Kind == JsonTypeInfoKind.Enumerable ? OfList(info.ElementType!) : OfObject(info);
    }

    private static JsonObject OfCodes(Type codes) => new()
    {
        ["type"] = "string",
        ["enum"] = new JsonArray([.. Enum.GetValuesAsUnderlyingType(codes).Cast<object>().Select(v => (JsonNode)Spelling(Enum.ToObject(codes, v)))]),
    };

    private static string Spelling(object code) => JsonSerializer.SerializeToElement(code, code.GetType(), StrictJson.Options).GetString()!;

    private static JsonObject OfPattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static JsonObject OfList(Type element) => new()
    {
        ["type"] = "array",
        ["items"] = Of(element),
        ["minItems"] = 1,
        ["maxItems"] = MaxItems,
        ["uniqueItems"] = true,
    };

    private static JsonObject OfObject(JsonTypeInfo info)
    {
        var properties = new JsonObject();
        foreach (var property in info.Properties) properties.Add(property.Name, Of(property.PropertyType));
        var required = info.Properties.Where(p => p.IsRequired || p.AssociatedParameter is { HasDefaultValue: false });
        return new()
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. required.Select(p => (JsonNode)p.Name)]),
            ["additionalProperties"] = false,
        };
    }
}
