using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReferralHub.Protocol.Wire;

/// <summary>
/// A code of a closed set as text: the kebab-case of its name, and nothing else. Only a code that no name can spell, such as
/// <c>13-15</c>, says so with <see cref="JsonStringEnumMemberNameAttribute"/>.
/// </summary>
public static class Code
{
    /// <summary>The spelling of <paramref name="value"/>.</summary>
    public static string Text<T>(T value)
        where T : struct, Enum => Spellings<T>.Texts[Unsafe.BitCast<T, int>(value)];

    /// <summary>All spellings of a set, in its order.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => [.. Spellings<T>.Texts];

    /// <summary>Reads a spelling, exactly: no other case, no number, no list.</summary>
    public static bool TryParse<T>(string? text, out T value)
        where T : struct, Enum
    {
        var number = 0;
        var known = text is not null && Spellings<T>.Numbers.TryGetValue(text, out number);
        value = Unsafe.BitCast<int, T>(number);
        return known;
    }

    // No collection of T: each would be compiled for each of the many sets, in every process, for a tenth of a second in all.
    private static class Spellings<T>
        where T : struct, Enum
    {
        /// <summary>By the number of the value.</summary>
        public static readonly string[] Texts = Array.ConvertAll(Names(), Spelled);

        public static readonly Dictionary<string, int> Numbers = Texts.Index().ToDictionary(t => t.Item, t => t.Index, StringComparer.Ordinal);

        private static string[] Names() =>
            Enum.GetValuesAsUnderlyingType<T>() is int[] numbers && numbers.Index().All(n => n.Item == n.Index)
                ? Enum.GetNames<T>()
                : throw new InvalidOperationException($"{typeof(T)} does not count from 0.");

        private static string Spelled(string name) =>
            typeof(T).GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? JsonNamingPolicy.KebabCaseLower.ConvertName(name);
    }
}

internal sealed class CodeConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Exactly<>).MakeGenericType(typeToConvert))!;

    private sealed class Exactly<T> : JsonConverter<T>
        where T : struct, Enum
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Code.TryParse<T>(reader.GetString(), out var value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Code.Text(value));
    }
}
