using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary>What is wrong with a field.</summary>
public enum FormProblem
{
    /// <summary>No category has such a field.</summary>
    NoSuchField,

    /// <summary>The field must be there.</summary>
    Missing,

    /// <summary>Not the kind of value that the field has.</summary>
    WrongKind,

    /// <summary>Not one of the field's codes.</summary>
    NoSuchCode,

    /// <summary>A date, time or number that is none, or lies outside the bounds.</summary>
    WrongValue,

    /// <summary>Empty, or too long.</summary>
    WrongLength,

    /// <summary>Twice in a list.</summary>
    Repeated,

    /// <summary>Contradicts another field.</summary>
    Contradiction,
}

/// <summary>One thing wrong with a form. It names the field, never what stands in it.</summary>
/// <param name="Field">The field, with those above it: <c>concern.acts.2</c>.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record FormFault(string Field, FormProblem Problem)
{
    /// <summary>For a person: <c>concern.acts.2: no-such-code</c>.</summary>
    public override string ToString() => $"{Field}: {Code.Text(Problem)}";
}

/// <summary>A whole form that keeps to the schema, with the members that the summary is made from.</summary>
/// <param name="Form">The form.</param>
/// <param name="Concern">What it is about.</param>
/// <param name="Identity">Who the child is, if it says.</param>
/// <param name="SafeContact">How to reach it, if it says.</param>
public sealed record CheckedForm(Form Form, Concern Concern, Identity? Identity, SafeContact? SafeContact)
{
    /// <summary>
    /// Whether an official is involved. Then the sender must look through the excluded agencies and people before it chooses
    /// a recipient: that official may work there.
    /// </summary>
    public bool ForcesReviewOfExclusions => Concern.Aggravations?.Contains(Aggravation.OfficialInvolved) == true;

    /// <summary>Names the categories only.</summary>
    public override string ToString() => Form.ToString();
}

/// <summary>
/// The strict reading of a form: by the sender before it seals, so that nobody writes what nobody reads. A recipient reads
/// with <see cref="Form.TryRead"/> and shows <see cref="Unknown"/>: it may be older than the sender. Spec: docs/protocol.md §2.6.
/// </summary>
public static class FormCheck
{
    /// <summary>Everything wrong with a form, whole or reduced, by the order of its fields.</summary>
    /// <param name="form">A form.</param>
    /// <param name="now">The time, since an age depends on it.</param>
    public static IReadOnlyList<FormFault> Faults(Form form, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(form);
        var faults = new List<FormFault>();
        foreach (var category in form.Categories)
            Walk(form[category]!.Value, FormSchema.Schema["properties"]![Code.Text(category)]!.AsObject(), Code.Text(category), faults);
        if (faults.Count > 0) return faults;

        // What a pattern cannot see: the 31st of February.
        faults.AddRange(form.Categories.Where(c => Read(form, c, FormSchema.TypeOf(c)) is null).Select(c => new FormFault(Code.Text(c), FormProblem.WrongValue)));
        if (faults.Count == 0 && Contradicts(Read<Identity>(form, Category.Identity), now)) faults.Add(new("identity.age", FormProblem.Contradiction));
        return faults;
    }

    /// <summary>Reads a whole form; false with everything that is wrong with it.</summary>
    public static bool TryRead(
        Form form, DateTimeOffset now, [NotNullWhen(true)] out CheckedForm? read, [NotNullWhen(false)] out IReadOnlyList<FormFault>? faults)
    {
        faults = Faults(form, now);
        var concern = faults.Count == 0 ? Read<Concern>(form, Category.Concern) : null;
        // No summary without a risk and what is asked for, whether or not the recipient is told the rest of the concern.
        if (faults.Count == 0 && concern is null) faults = [new(Code.Text(Category.Concern), FormProblem.Missing)];
        read = concern is null ? null : new(form, concern, Read<Identity>(form, Category.Identity), Read<SafeContact>(form, Category.SafeContact));
        if (read is null) return false;
        faults = null;
        return true;
    }

    /// <summary>The fields of a received form that this version does not know, or not with that value.</summary>
    public static IReadOnlyList<string> Unknown(Form form, DateTimeOffset now) => [.. Faults(form, now).Select(f => f.ToString())];

    private static bool Contradicts(Identity? identity, DateTimeOffset now) =>
        identity is { DateOfBirth: { } born } && (Ages.At(born, now) is not (>= 0 and <= 120) || (identity.Age is { } age && Math.Abs(age - Ages.At(born, now)) > 1));

    private static T? Read<T>(Form form, Category category)
        where T : class => (T?)Read(form, category, typeof(T));

    private static object? Read(Form form, Category category, Type type)
    {
        try
        {
            return form[category] is { } fields ? SealedJson.Read(fields, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The keywords that FormSchema writes, and no others.
    private static void Walk(JsonElement value, JsonObject schema, string field, List<FormFault> faults)
    {
        if (KindOf(value) != (string?)schema["type"])
        {
            faults.Add(new(field, FormProblem.WrongKind));
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WalkObject(value, schema, field, faults);
                break;
            case JsonValueKind.Array:
                WalkList(value, schema, field, faults);
                break;
            case JsonValueKind.String when OfText(value.GetString()!, schema) is { } problem:
                faults.Add(new(field, problem));
                break;
            case JsonValueKind.Number when !value.TryGetInt32(out var number) || number < (int)schema["minimum"]! || number > (int)schema["maximum"]!:
                faults.Add(new(field, FormProblem.WrongValue));
                break;
        }
    }

    private static string? KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "integer",
        JsonValueKind.Null or JsonValueKind.Undefined => null,
    };

    private static void WalkObject(JsonElement value, JsonObject schema, string field, List<FormFault> faults)
    {
        var properties = schema["properties"]!.AsObject();
        foreach (var member in value.EnumerateObject())
        {
            if (properties[member.Name] is { } known) Walk(member.Value, known.AsObject(), $"{field}.{member.Name}", faults);
            else faults.Add(new($"{field}.{Shown(member.Name)}", FormProblem.NoSuchField));
        }

        foreach (var required in schema["required"]!.AsArray().Select(r => (string)r!))
        {
            if (!value.TryGetProperty(required, out _)) faults.Add(new($"{field}.{required}", FormProblem.Missing));
        }
    }

    // A name that somebody made up may itself be content: a refusal repeats it only where it looks like a field.
    private static string Shown(string name) => Regex.IsMatch(name, "^[a-zA-Z]{1,40}\\z") ? name : "?";

    private static void WalkList(JsonElement value, JsonObject schema, string field, List<FormFault> faults)
    {
        var count = value.GetArrayLength();
        if (count < (int)schema["minItems"]! || count > (int)schema["maxItems"]!) faults.Add(new(field, FormProblem.WrongLength));
        var items = value.EnumerateArray().ToList();
        foreach (var (index, item) in items.Index())
        {
            var name = $"{field}.{index + 1}";
            if (items.Take(index).Any(earlier => JsonElement.DeepEquals(earlier, item))) faults.Add(new(name, FormProblem.Repeated));
            else Walk(item, schema["items"]!.AsObject(), name, faults);
        }
    }

    private static FormProblem? OfText(string text, JsonObject schema)
    {
        if (schema["enum"] is { } codes) return codes.AsArray().Any(c => (string?)c == text) ? null : FormProblem.NoSuchCode;
        if (schema["pattern"] is { } pattern) return Regex.IsMatch(text, (string)pattern!) ? null : FormProblem.WrongValue;
        var length = text.EnumerateRunes().Count();
        return length < (int)schema["minLength"]! || length > (int)schema["maxLength"]! ? FormProblem.WrongLength : null;
    }
}
