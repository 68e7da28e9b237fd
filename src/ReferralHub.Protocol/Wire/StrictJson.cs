using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Protocol.Wire;

/// <summary>JSON as signed payloads and audit events use it: one meaning, no surprises. Spec: docs/protocol.md §1.1.</summary>
public static class StrictJson
{
    /// <summary>
    /// The options of both directions, for hosts that put protocol values into their own JSON.
    /// Unknown, missing and repeated members fail; names are camelCase and exact. Properties that cannot be set are no members.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>The bytes to sign or hash.</summary>
    public static byte[] Write<T>(T value)
        where T : notnull => JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), Options);

    /// <summary>Reads a payload; false unless it is exactly of the form, whatever the bytes.</summary>
    public static bool TryRead<T>(ReadOnlySpan<byte> json, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = null;
        if (!IsPlain(json)) return false;
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

    /// <summary>Printable ASCII and LF without escapes, whole numbers, no null: what the serializer itself does not insist on.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> json)
    {
        foreach (var b in json)
        {
            if (b is (< 0x20 or > 0x7E) and not (byte)'\n' or (byte)'\\') return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.Null) return false;
                if (reader.TokenType == JsonTokenType.Number && reader.ValueSpan.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerOptions.Strict)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DictionaryKeyPolicy = null,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            // Escapes are refused on reading, so '+' and '<' must go out as they are. Nothing here is ever put into HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = 8,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { DropComputed } },
            Converters =
            {
                new WireTextConverter(),
                new CodeConverter(),
                new DigestConverter(),
                new TimeConverter(),
                new IdConverter(),
                new KeyConverter(),
                new EncryptionKeyConverter(),
            },
        };
        options.MakeReadOnly();
        return options;
    }

    // What follows from the members is none itself: neither written nor, as ignored members would be, passed over when read.
    private static void DropComputed(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].Set is null) type.Properties.RemoveAt(i);
        }
    }

    private sealed class DigestConverter : JsonConverter<Digest>
    {
        public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Digest.TryParse(Text(ref reader), out var digest) ? digest : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            WireTime.TryParse(Text(ref reader), out var time) ? time : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(WireTime.Text(value));
    }

    private sealed class IdConverter : JsonConverter<Guid>
    {
        public override Guid Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            WireId.TryParse(Text(ref reader), out var id) ? id : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, Guid value, JsonSerializerOptions options) =>
            writer.WriteStringValue(WireId.Text(value));
    }

    private sealed class KeyConverter : JsonConverter<VerifyingKey>
    {
        public override VerifyingKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Text(ref reader) is { } text && CanonicalBase64.Url.TryDecode(text, out var raw) && VerifyingKey.TryImport(raw, out var key)
                ? key
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, VerifyingKey value, JsonSerializerOptions options) =>
            writer.WriteStringValue(CanonicalBase64.Url.Encode(value.ToArray()));
    }

    private sealed class EncryptionKeyConverter : JsonConverter<EncryptionKey>
    {
        public override EncryptionKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            EncryptionKey.TryParse(Text(ref reader), out var key) ? key : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, EncryptionKey value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private static string? Text(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
}

/// <summary>Times on the wire: RFC 3339, UTC, whole seconds. Spec: docs/protocol.md §1.2.</summary>
public static class WireTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The spelling of <paramref name="time"/>; fractions of a second are cut off.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Reads a spelling, exactly.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary><paramref name="time"/> cut to whole seconds, so that it survives the wire.</summary>
    public static DateTimeOffset Whole(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}

/// <summary>Ids of referrals, consents and agreements on the wire: UUIDv7 in lower case. Spec: docs/protocol.md §1.5.</summary>
public static class WireId
{
    /// <summary>The spelling of <paramref name="id"/>.</summary>
    public static string Text(Guid id) => id.ToString("D");

    /// <summary>Reads a spelling, exactly; false for another version or variant.</summary>
    public static bool TryParse(string? text, out Guid id) =>
        Guid.TryParseExact(text, "D", out id) && id is { Version: 7, Variant: >= 8 and <= 11 } && Text(id) == text;
}
