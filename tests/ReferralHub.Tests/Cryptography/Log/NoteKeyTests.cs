using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class NoteKeyTests : IDisposable
{
    private const string Text = "hub.example/audit+0531639b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";

    private readonly SigningKey _key = Seeded.Key(1);

    [Fact]
    public void Text_gives_name_type_id_and_key()
    {
        Assert.True(NoteKey.TryParse(Text, out var key));
        Assert.Equal(("hub.example/audit", NoteKeyType.Log, 0x0531639bu), (key.Name, key.Type, key.Id));
        Assert.Equal(_key.VerifyingKey, key.Key);
        Assert.Equal(Text, key.ToString());
    }

    [Fact]
    public void Id_depends_on_name_type_and_key()
    {
        using var other = Seeded.Key(2);
        var key = new NoteKey("a", NoteKeyType.Log, _key.VerifyingKey);
        foreach (var different in new NoteKey[]
        {
            new("b", NoteKeyType.Log, _key.VerifyingKey),
            new("a", NoteKeyType.Cosigner, _key.VerifyingKey),
            new("a", NoteKeyType.Log, other.VerifyingKey),
        })
        {
            Assert.NotEqual(key.Id, different.Id);
            Assert.NotEqual(key, different);
        }

        Assert.Equal(key, new NoteKey("a", NoteKeyType.Log, _key.VerifyingKey));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hub.example/audit")]
    [InlineData("hub.example/audit+0531639b")]
    [InlineData("+0531639b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")]
    [InlineData("hub.example/audit+0531639c+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")] // another id
    [InlineData("hub.example/Audit+0531639b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")] // another name under the id
    [InlineData("hub.example/audit+0531639B+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")]
    [InlineData("hub.example/audit+531639b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")]
    [InlineData("hub.example/audit+0531639b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n")]
    [InlineData("hub.example/audit+0531639b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D2 9c")]
    public void Any_other_text_is_refused(string? text) => Assert.False(NoteKey.TryParse(text, out _));

    [Fact]
    public void A_text_with_the_right_id_is_refused_when_type_point_or_length_is_wrong()
    {
        var raw = _key.VerifyingKey.ToArray();
        Assert.True(NoteKey.TryParse(Compose([1, .. raw]), out _));
        Assert.True(NoteKey.TryParse(Compose([4, .. raw]), out _));
        Assert.False(NoteKey.TryParse(Compose([2, .. raw]), out _));
        Assert.False(NoteKey.TryParse(Compose([1, .. raw, 0]), out _));
        Assert.False(NoteKey.TryParse(Compose([1, .. raw[..31]]), out _));
        Assert.False(NoteKey.TryParse(Compose([]), out _));
        Assert.False(NoteKey.TryParse(Compose([1, .. new byte[32]]), out _)); // a point of order 4

        static string Compose(byte[] typed)
        {
            byte[] named = [(byte)'a', (byte)'\n', .. typed];
            return $"a+{Digest.Of(named).ToString()[..8]}+{CanonicalBase64.Padded.Encode(typed)}";
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a+b")]
    [InlineData("a\n")]
    [InlineData("é")]
    [InlineData("\u007f")]
    public void A_name_is_visible_ASCII_without_plus(string name) =>
        Assert.Throws<ArgumentException>(() => new NoteKey(name, NoteKeyType.Log, _key.VerifyingKey));

    [Fact]
    public void A_name_has_at_most_255_characters()
    {
        _ = new NoteKey(new string('a', 255), NoteKeyType.Log, _key.VerifyingKey);
        Assert.Throws<ArgumentException>(() => new NoteKey(new string('a', 256), NoteKeyType.Log, _key.VerifyingKey));
    }

    [Fact]
    public void A_type_is_one_of_the_two() =>
        Assert.Throws<ArgumentException>(() => new NoteKey("a", (NoteKeyType)2, _key.VerifyingKey));

    [Fact]
    public void A_signer_shows_its_public_half_only()
    {
        var signer = new NoteSigner("hub.example/audit", NoteKeyType.Log, _key);
        Assert.Contains(Text, signer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(new string('0', 8) + "1", signer.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _key.Dispose();
}
