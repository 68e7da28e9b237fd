using System.Collections.Frozen;
using System.Text.Json;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Vocabulary;

/// <summary>A language that every code has a text in.</summary>
public enum TextLanguage
{
    /// <summary>English.</summary>
    En,

    /// <summary>Arabic.</summary>
    Ar,
}

/// <summary>
/// A closed set of codes with its version and a text for each in every language, from <c>ValueSets.json</c> beside this file.
/// The version goes up by one when a code is added or its meaning changes; a code is never taken away. Spec: docs/protocol.md §1.7.
/// </summary>
public sealed class ValueSet
{
    private static readonly FrozenDictionary<string, ValueSet> Known = Load();

    private readonly IReadOnlyDictionary<string, Dictionary<TextLanguage, string>> _texts;

    private ValueSet(string name, int version, IReadOnlyDictionary<string, Dictionary<TextLanguage, string>> texts)
    {
        (Name, Version, _texts) = (name, version, texts);
        Codes = [.. texts.Keys];
    }

    /// <summary>Every set, by its name.</summary>
    public static IReadOnlyList<ValueSet> All { get; } = [.. Known.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];

    /// <summary>Name of the set, <c>decline-reason</c> for one.</summary>
    public string Name { get; }

    /// <summary>Its version, from 1.</summary>
    public int Version { get; }

    /// <summary>Its codes in their order.</summary>
    public IReadOnlyList<string> Codes { get; }

    /// <summary>The set of a name, or null.</summary>
    public static ValueSet? Find(string name) => Known.GetValueOrDefault(name);

    /// <summary>What a code means.</summary>
    public static string Text<T>(T code, TextLanguage language)
        where T : struct, Enum => Known[NameOf(typeof(T))].Text(Code.Text(code), language);

    /// <summary>What a code means.</summary>
    /// <exception cref="KeyNotFoundException">The set has no such code.</exception>
    public string Text(string code, TextLanguage language) => _texts[code][language];

    /// <summary>The name of the set whose codes are the values of <paramref name="codes"/>.</summary>
    internal static string NameOf(Type codes) => JsonNamingPolicy.KebabCaseLower.ConvertName(codes.Name);

    private static FrozenDictionary<string, ValueSet> Load()
    {
        using var file = typeof(ValueSet).Assembly.GetManifestResourceStream(typeof(ValueSet), "ValueSets.json")!;
        var sets = JsonSerializer.Deserialize<Dictionary<string, Written>>(file, StrictJson.Options)!;
        return sets.ToFrozenDictionary(s => s.Key, s => new ValueSet(s.Key, s.Value.Version, s.Value.Codes.ToDictionary(c => c.Key, c => Texts(c.Value))));
    }

    private static Dictionary<TextLanguage, string> Texts(Dictionary<string, string> written) =>
        written.ToDictionary(t => Code.TryParse<TextLanguage>(t.Key, out var language) ? language : throw new FormatException($"ValueSets.json: {t.Key} is no language."), t => t.Value);

    private sealed record Written(int Version, Dictionary<string, Dictionary<string, string>> Codes);
}
