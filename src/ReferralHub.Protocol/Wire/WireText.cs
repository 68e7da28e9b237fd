using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace ReferralHub.Protocol.Wire;

/// <summary>What a kind of name adds to <see cref="WireText{TSelf}"/>.</summary>
/// <typeparam name="TSelf">The kind of name.</typeparam>
public interface IWireText<TSelf>
{
    /// <summary>Matches a name from its first to its last character.</summary>
    static abstract Regex Grammar { get; }

    /// <summary>Wraps a text that matched <see cref="Grammar"/>.</summary>
    static abstract TSelf Wrap(string text);
}

/// <summary>A name with exactly one spelling. Spec: docs/protocol.md §1.5.</summary>
/// <typeparam name="TSelf">The kind of name.</typeparam>
public abstract record WireText<TSelf>
    where TSelf : WireText<TSelf>, IWireText<TSelf>
{
    private readonly string _text;

    private protected WireText(string text) => _text = text;

    /// <summary>Reads a name; false unless <paramref name="text"/> is one.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TSelf? value)
    {
        value = text is not null && TSelf.Grammar.IsMatch(text) ? TSelf.Wrap(text) : null;
        return value is not null;
    }

    /// <summary>Reads a name that is known to be one, from our own database for one.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> is no such name.</exception>
    public static TSelf Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"Not a {typeof(TSelf).Name}.");

    /// <summary>The text itself.</summary>
    public sealed override string ToString() => _text;
}

internal sealed class WireTextConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(WireText<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Exactly<>).MakeGenericType(typeToConvert))!;

    private sealed class Exactly<T> : JsonConverter<T>
        where T : WireText<T>, IWireText<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && WireText<T>.TryParse(reader.GetString(), out var value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
