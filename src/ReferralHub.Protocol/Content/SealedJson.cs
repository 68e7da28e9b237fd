using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary>
/// JSON as it stands inside envelopes: strict about members like <see cref="StrictJson"/>, but any Unicode text,
/// since this is where people write to each other. Never logged, never outside an envelope.
/// </summary>
public static class SealedJson
{
    /// <summary>The largest JSON member of an envelope, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Options = Make();

    /// <summary>The bytes to seal.</summary>
    public static byte[] Write<T>(T value)
        where T : notnull => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Options);

    /// <summary>Reads opened bytes; false unless they are exactly of the form.</summary>
    public static bool TryRead<T>(ReadOnlySpan<byte> json, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = null;
        if (json.Length > MaxBytes || !IsSound(json)) return false;
        try
        {
            value = JsonSerializer.Deserialize<T>(json, Options);
            return value is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads a part of what was read before.</summary>
    /// <exception cref="JsonException">It is not of the form.</exception>
    internal static object? Read(JsonElement read, Type type) => read.Deserialize(type, Options);

    internal static JsonTypeInfo TypeInfo(Type type) => Options.GetTypeInfo(type);

    // What the serializer does not insist on: UTF-8, whole characters in escapes, no null among the elements of a list.
    private static bool IsSound(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) return false;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
            var before = JsonTokenType.None;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.Null && before != JsonTokenType.PropertyName) return false;
                if (reader.ValueIsEscaped) _ = reader.GetString();
                before = reader.TokenType;
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // GetString's way to say that half of a surrogate pair was escaped.
            return false;
        }
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(StrictJson.Options) { MaxDepth = 16 };
        options.MakeReadOnly();
        return options;
    }
}
