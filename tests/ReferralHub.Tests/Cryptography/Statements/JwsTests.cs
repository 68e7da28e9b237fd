using System.Text;
using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Statements;

public sealed class JwsTests : IDisposable
{
    private const string Typ = "sender-act+jws";

    private static readonly byte[] Payload = """{"act":"loop-closed"}"""u8.ToArray();

    private readonly SigningKey _key = Seeded.Key(3);
    private readonly SigningKey _other = Seeded.Key(4);

    private string Kid => _key.VerifyingKey.Thumbprint;

    private string Header => $$"""{"alg":"Ed25519","kid":"{{Kid}}","typ":"{{Typ}}"}""";

    [Fact]
    public void Is_byte_for_byte_what_npm_jose_signs()
    {
        var example = JsonDocument.Parse(Vectors.Read("statements", "statements.json")).RootElement;
        var token = Encoding.ASCII.GetString(Vectors.Read("statements", "sender-act.jws"));
        var payload = example.GetProperty("payload").GetString()!;

        var signed = Jws.Sign(_key, Typ, Encoding.ASCII.GetBytes(payload));
        Assert.Equal(token, signed.Token);
        Assert.Equal(example.GetProperty("id").GetString(), signed.Id.ToString());

        Assert.True(Jws.TryParse(token, out var read));
        Assert.Equal(signed.Id, read.Id);
        Assert.Equal(payload, Encoding.ASCII.GetString(read.Payload.Span));
        Assert.Equal((Typ, example.GetProperty("kids")[0].GetString()), (read.Typ, read.Kid));
        Assert.True(read.IsSignedBy(_key.VerifyingKey));
    }

    [Fact]
    public void Id_covers_the_signing_input_and_not_the_signature()
    {
        var signed = Jws.Sign(_key, Typ, Payload);
        var signingInput = signed.Token[..signed.Token.LastIndexOf('.')];
        Assert.Equal(Digest.Of(Encoding.ASCII.GetBytes(signingInput)), signed.Id);

        Assert.True(Jws.TryParse($"{signingInput}.{CanonicalBase64.Url.Encode(new byte[64])}", out var resigned));
        Assert.Equal(signed.Id, resigned.Id);
        Assert.NotEqual(signed.Id, Jws.Sign(_key, "access+jws", Payload).Id);
    }

    [Fact]
    public void The_key_must_be_the_named_one_and_the_signature_its_own()
    {
        Assert.True(Jws.TryParse(Token(Header, Payload, _other), out var signedByAnother));
        Assert.False(signedByAnother.IsSignedBy(_key.VerifyingKey));   // named, but did not sign
        Assert.False(signedByAnother.IsSignedBy(_other.VerifyingKey)); // signed, but is not named
    }

    [Fact]
    public void A_changed_payload_type_or_signature_is_not_signed()
    {
        var parts = Jws.Sign(_key, Typ, Payload).Token.Split('.');
        var payload = CanonicalBase64.Url.Encode("""{"act":"loop-opened"}"""u8);
        var header = CanonicalBase64.Url.Encode(Encoding.ASCII.GetBytes(Header.Replace("sender-act", "access")));
        Assert.True(CanonicalBase64.Url.TryDecode(parts[2], out var signature));
        signature[63] ^= 1;

        foreach (var token in new[]
        {
            $"{parts[0]}.{payload}.{parts[2]}", $"{header}.{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{CanonicalBase64.Url.Encode(signature)}",
        })
        {
            Assert.True(Jws.TryParse(token, out var jws));
            Assert.False(jws.IsSignedBy(_key.VerifyingKey));
        }
    }

    [Fact]
    public void Only_the_one_header_is_read() => Assert.True(Jws.TryParse(Token(Header), out _));

    [Theory]
    [InlineData("""{"alg":"EdDSA","kid":"KID","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"EdDSA25","kid":"KID","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"none","kid":"KID","typ":"sender-act+jws"}""")]
    [InlineData("""{"kid":"KID","alg":"Ed25519","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","typ":"sender-act+jws","kid":"KID"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"sender-act+jws","crit":[]}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","kid":"KID","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID"}""")]
    [InlineData("""{"alg": "Ed25519","kid":"KID","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"sender-act+jws"} """)]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"sender-act\u002bjws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KIDA","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"short","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB","typ":"sender-act+jws"}""")] // tail bits
    [InlineData("""{"alg":"Ed25519","kid":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A","typ":"sender-act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"sender-act"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"sender_act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"Sender-act+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"sender-act+JWS"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"act2+jws"}""")]
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+jws"}""")] // 41 letters
    [InlineData("""{"alg":"Ed25519","kid":"KID","typ":"ß+jws"}""")]
    [InlineData("{}")]
    [InlineData("")]
    public void Any_other_header_is_refused(string header) =>
        Assert.False(Jws.TryParse(Token(header.Replace("KID", Kid, StringComparison.Ordinal)), out _));

    [Fact]
    public void Any_other_spelling_of_the_parts_is_refused()
    {
        var token = Jws.Sign(_key, Typ, [1, 2, 3, 4]).Token; // 4 bytes and 64 bytes leave tail bits
        var parts = token.Split('.');
        Assert.True(Jws.TryParse(token, out _));
        foreach (var wrong in new[]
        {
            $"{parts[0]}.{parts[1]}",
            $"{token}.",
            $"{token}.{parts[2]}",
            $".{token}",
            $"{token}\n",
            $" {token}",
            $"{parts[0]}.{parts[1]} .{parts[2]}",
            $"{parts[0]}.{parts[1][..3]}\n{parts[1][3..]}.{parts[2]}",
            $"{parts[0]}=.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}==.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{parts[2]}==",
            $"{parts[0]}.{NextLetter(parts[1])}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{NextLetter(parts[2])}",
            $"{parts[0]}.-_+_.{parts[2]}",
            $"{parts[0]}..{parts[2]}",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}.{CanonicalBase64.Url.Encode(new byte[63])}",
            $"{parts[0]}.{parts[1]}.{CanonicalBase64.Url.Encode(new byte[65])}",
            $"{parts[0]}.{parts[1]}é.{parts[2]}",
            "",
            ".",
            "..",
        })
        {
            Assert.False(Jws.TryParse(wrong, out _), wrong);
        }

        Assert.False(Jws.TryParse((string?)null, out _));
    }

    [Fact]
    public void Longest_token_has_64_KiB()
    {
        // Of four lengths base64 without padding has three, so the type's length decides which sums there are.
        foreach (var (size, fits) in new[] { (Jws.MaxSize, true), (Jws.MaxSize + 1, false) })
        {
            var (typ, payload) = (from letters in Enumerable.Range(1, 8)
                                  let longer = new string('a', letters) + "+jws"
                                  from bytes in Enumerable.Range(Jws.MaxSize * 3 / 4 - 250, 250)
                                  where Letters(Header.Length - Typ.Length + longer.Length) + 1 + Letters(bytes) + 1 + Letters(64) == size
                                  select (longer, new byte[bytes])).First();
            var token = Token(Header.Replace(Typ, typ, StringComparison.Ordinal), payload, _key);
            Assert.Equal(size, token.Length);
            Assert.Equal(fits, Jws.TryParse(token, out _));
            if (fits) Assert.Equal(token, Jws.Sign(_key, typ, payload).Token);
            else Assert.Throws<ArgumentException>(() => Jws.Sign(_key, typ, payload));
        }

        static int Letters(int bytes) => (bytes * 4 + 2) / 3;
    }

    [Theory]
    [InlineData("")]
    [InlineData("sender-act")]
    [InlineData("Sender-act+jws")]
    [InlineData("sender act+jws")]
    [InlineData("a\"b+jws")]
    public void Signs_no_other_type(string typ) => Assert.Throws<ArgumentException>(() => Jws.Sign(_key, typ, Payload));

    [Fact]
    public void Signs_no_empty_payload() => Assert.Throws<ArgumentException>(() => Jws.Sign(_key, Typ, []));

    [Fact]
    public void Text_shows_type_and_id_only()
    {
        var jws = Jws.Sign(_key, Typ, Payload);
        Assert.Equal($"{Typ} {jws.Id}", jws.ToString());
    }

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    private string Token(string header) => Token(header, Payload, _key);

    private static string Token(string header, byte[] payload, SigningKey key)
    {
        var signingInput = $"{CanonicalBase64.Url.Encode(Encoding.UTF8.GetBytes(header))}.{CanonicalBase64.Url.Encode(payload)}";
        return $"{signingInput}.{CanonicalBase64.Url.Encode(key.Sign(Encoding.ASCII.GetBytes(signingInput)))}";
    }

    // Decodes leniently to the same bytes: only the tail bits change.
    private static string NextLetter(string base64) => base64[..^1] + (char)(base64[^1] + 1);
}
