using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Statements;

public sealed class CoSignedTests : IDisposable
{
    private const string Typ = "agency-event+jws";

    private static readonly byte[] Payload = """{"agency":"shelter-east","seq":0,"event":"enrol"}"""u8.ToArray();

    private readonly SigningKey _key3 = Seeded.Key(3);
    private readonly SigningKey _key4 = Seeded.Key(4);
    private readonly SigningKey _stranger = Seeded.Key(5);
    private readonly Jws _by3;
    private readonly Jws _by4;

    public CoSignedTests() => (_by3, _by4) = (Jws.Sign(_key3, Typ, Payload), Jws.Sign(_key4, Typ, Payload));

    [Fact]
    public void Is_byte_for_byte_what_npm_jose_signs()
    {
        var entry = Vectors.Read("statements", "agency-event.cosigned");
        Assert.Equal(entry, CoSigned.From([_by3, _by4]).ToArray());
        Assert.Equal(entry, CoSigned.From([_by4, _by3]).ToArray());

        Assert.True(CoSigned.TryParse(entry, out var read));
        Assert.Equal(entry, read.ToArray());
        Assert.Equal(Typ, read.Typ);
        Assert.Equal(Payload, read.Payload.ToArray());
        Assert.Equal(Digest.Of(Payload), read.PayloadDigest);
        Assert.Equal([_by4.Kid, _by3.Kid], read.Signatures.Select(signature => signature.Kid));
    }

    [Fact]
    public void Is_signed_by_each_signer_and_nobody_else()
    {
        var entry = CoSigned.From([_by3, _by4]);
        Assert.True(entry.IsSignedBy(_key3.VerifyingKey));
        Assert.True(entry.IsSignedBy(_key4.VerifyingKey));
        Assert.False(entry.IsSignedBy(_stranger.VerifyingKey));
        Assert.False(CoSigned.From([_by3]).IsSignedBy(_key4.VerifyingKey));
    }

    [Fact]
    public void A_false_signature_is_nobodys()
    {
        var input = _by3.Token[..(_by3.Token.LastIndexOf('.') + 1)];
        Assert.True(CoSigned.TryParse(Entry(_by4.Token, input + CanonicalBase64.Url.Encode(new byte[64])), out var entry));
        Assert.False(entry.IsSignedBy(_key3.VerifyingKey));
        Assert.True(entry.IsSignedBy(_key4.VerifyingKey));
    }

    [Fact]
    public void Refuses_signatures_out_of_order_or_twice()
    {
        Assert.True(CoSigned.TryParse(Entry(_by4.Token, _by3.Token), out _));
        Assert.False(CoSigned.TryParse(Entry(_by3.Token, _by4.Token), out _));
        Assert.False(CoSigned.TryParse(Entry(_by3.Token, _by3.Token), out _));
        Assert.Throws<ArgumentException>(() => CoSigned.From([_by3, _by3]));
    }

    [Fact]
    public void Refuses_another_payload_or_type_under_one_signature()
    {
        var typ = Jws.Sign(_key3, "policy+jws", Payload);
        Assert.False(CoSigned.TryParse(Entry(_by4.Token, typ.Token), out _));
        Assert.Throws<ArgumentException>(() => CoSigned.From([_by4, typ]));
        Assert.Throws<ArgumentException>(() => CoSigned.From([_by4, Jws.Sign(_key3, Typ, "{}"u8)]));
    }

    [Theory]
    [InlineData("{", "{ ")]
    [InlineData("}]}", "}]}\n")]
    [InlineData("}]}", "}],\"header\":{}}")]
    [InlineData("\"protected\"", "\"header\":{},\"protected\"")]
    [InlineData("\"payload\"", "\"Payload\"")]
    [InlineData("\"payload\":\"", "\"payload\":\"=")]
    [InlineData("\"payload\":\"", "\"payload\":\"\",\"payload\":\"")]
    [InlineData("\"payload\":\"", "\"payload\":\"\\u0065")]
    [InlineData("\"signatures\":[", "\"signatures\":[],\"signatures\":[")]
    [InlineData("},{", "}, {")]
    [InlineData("}]}", "},]}")]
    [InlineData("}]}", "},{\"protected\":\"\",\"signature\":\"\"}]}")]
    [InlineData("}]}", "")]
    [InlineData("\"}]}", "\u00E9\"}]}")]
    public void Refuses_every_other_spelling(string part, string other)
    {
        var entry = Encoding.ASCII.GetString(Entry(_by4.Token, _by3.Token));
        Assert.Contains(part, entry, StringComparison.Ordinal);
        Assert.False(CoSigned.TryParse(Encoding.Latin1.GetBytes(entry.Replace(part, other, StringComparison.Ordinal)), out _));
    }

    [Fact]
    public void Refuses_an_entry_with_its_members_in_another_order()
    {
        var (protectedHeader, payload, signature) = Parts(_by3.Token);
        Assert.True(CoSigned.TryParse(Entry(_by3.Token), out _));
        Assert.False(CoSigned.TryParse(Encoding.ASCII.GetBytes(
            $$"""{"payload":"{{payload}}","signatures":[{"signature":"{{signature}}","protected":"{{protectedHeader}}"}]}"""), out _));
        Assert.False(CoSigned.TryParse(Encoding.ASCII.GetBytes(
            $$"""{"signatures":[{"protected":"{{protectedHeader}}","signature":"{{signature}}"}],"payload":"{{payload}}"}"""), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"payload\":\"e30\",\"signatures\":[]}")]
    public void Refuses_an_entry_that_nobody_signed(string entry)
    {
        Assert.False(CoSigned.TryParse(Encoding.ASCII.GetBytes(entry), out _));
        Assert.Throws<ArgumentException>(() => CoSigned.From([]));
    }

    [Fact]
    public void Is_no_longer_than_an_entry_bundle_can_say()
    {
        var payload = new byte[48_600];
        var (first, second) = (Jws.Sign(_key3, Typ, payload), Jws.Sign(_key4, Typ, payload));
        Assert.InRange(CoSigned.From([first, second]).ToArray().Length, CoSigned.MaxSize - 300, CoSigned.MaxSize);
        Assert.True(CoSigned.TryParse(Entry(second.Token, first.Token), out _));

        payload = new byte[48_900];
        (first, second) = (Jws.Sign(_key3, Typ, payload), Jws.Sign(_key4, Typ, payload));
        Assert.Throws<ArgumentException>(() => CoSigned.From([first, second]));
        Assert.False(CoSigned.TryParse(Entry(second.Token, first.Token), out _));
    }

    public void Dispose()
    {
        _key3.Dispose();
        _key4.Dispose();
        _stranger.Dispose();
    }

    private static byte[] Entry(params string[] tokens)
    {
        var signatures = tokens.Select(Parts).Select(parts => $$"""{"protected":"{{parts.Protected}}","signature":"{{parts.Signature}}"}""");
        return Encoding.ASCII.GetBytes($$"""{"payload":"{{Parts(tokens[0]).Payload}}","signatures":[{{string.Join(',', signatures)}}]}""");
    }

    private static (string Protected, string Payload, string Signature) Parts(string token)
    {
        var parts = token.Split('.');
        return (parts[0], parts[1], parts[2]);
    }
}
