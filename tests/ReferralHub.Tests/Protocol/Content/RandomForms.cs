using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Content;

namespace ReferralHub.Tests.Protocol.Content;

/// <summary>Draws forms that keep to the schema. Every text in them has <see cref="Mark"/>, so that it is found wherever it gets.</summary>
internal sealed class RandomForms(int seed)
{
    public const string Mark = "SYNTHETICtext";

    private int _drawn;

    /// <summary>A whole form: it always has a concern, and no age that contradicts a date of birth.</summary>
    public Form Draw()
    {
        var json = DrawJson();
        Assert.True(Form.TryRead(Encoding.UTF8.GetBytes(json.ToJsonString()), out var form));
        return form;
    }

    public JsonObject DrawJson()
    {
        var schema = JsonNode.Parse(FormSchema.Text)!["properties"]!.AsObject();
        var form = new JsonObject();
        foreach (var (category, member) in schema)
        {
            if (category == "concern" || Next(3) > 0) form.Add(category, Value(category, member!.AsObject()));
        }

        if (form["identity"] is JsonObject identity && identity.ContainsKey("dateOfBirth")) identity.Remove("age");
        if (form["documents"] is JsonArray documents) Number(documents, from: 1);
        if (form["photos"] is JsonArray photos) Number(photos, from: 100);
        return form;
    }

    private static void Number(JsonArray files, int from)
    {
        foreach (var (index, file) in files.Index()) file!["path"] = $"attachments/{(from + index).ToString("0000", CultureInfo.InvariantCulture)}";
    }

    private int Next(int from, int below) => from + Next(below - from);

    private int Next(int below) => (int)(BinaryPrimitives.ReadUInt32BigEndian(Digest.Of(Encoding.ASCII.GetBytes($"{seed} {_drawn++}")).AsSpan()) % below);

    private JsonNode Value(string name, JsonObject schema) => (string)schema["type"]! switch
    {
        "object" => Object(schema),
        "array" => List(name, schema),
        "boolean" => Next(2) == 0,
        "integer" => Next(0, 121),
        _ => Text(name, schema),
    };

    private JsonObject Object(JsonObject schema)
    {
        var required = schema["required"]!.AsArray().Select(r => (string)r!).ToHashSet();
        var drawn = new JsonObject();
        foreach (var (name, member) in schema["properties"]!.AsObject())
        {
            if (required.Contains(name) || Next(2) == 0) drawn.Add(name, Value(name, member!.AsObject()));
        }

        return drawn;
    }

    private JsonArray List(string name, JsonObject schema)
    {
        var items = Enumerable.Range(0, Next(1, 5)).Select(_ => Value(name, schema["items"]!.AsObject()));
        return [.. items.DistinctBy(i => i.ToJsonString())];
    }

    private string Text(string name, JsonObject schema)
    {
        if (schema["enum"] is JsonArray codes) return (string)codes[Next(codes.Count)]!;
        if (schema.ContainsKey("pattern"))
            return name == "dateOfBirth" ? $"20{Next(10, 24)}-0{Next(1, 10)}-1{Next(10)}" : $"2026-03-0{Next(1, 10)}T08:00:00Z";
        return $"{Mark} {name} {Next(int.MaxValue)} سارة";
    }
}
