using ReferralHub.Sealing.Keys;

namespace ReferralHub.Tests.Sealing.Keys;

public sealed class NamedSecretsTests
{
    // Two secrets, "a" = 01 and "b" = (empty), as the format lays them out.
    private static readonly byte[] Encoded = [0, 2, 1, (byte)'a', 0, 0, 0, 1, 1, 1, (byte)'b', 0, 0, 0, 0];

    [Fact]
    public void Has_the_encoding_of_the_format_whatever_the_order_of_adding()
    {
        using var secrets = new NamedSecrets();
        secrets.Add("b", []);
        secrets.Add("a", [1]);
        Assert.Equal(Encoded, secrets.Encode());
        Assert.True(NamedSecrets.TryDecode(Encoded, out var read));
        using (read) Assert.Equal(Encoded, read.Encode());
    }

    [Fact]
    public void Refuses_every_cut_and_every_extension()
    {
        for (var length = 0; length < Encoded.Length; length++) Assert.False(NamedSecrets.TryDecode(Encoded.AsSpan(0, length), out _));
        Assert.False(NamedSecrets.TryDecode([.. Encoded, 0], out _));
    }

    [Fact]
    public void Refuses_other_spellings()
    {
        Assert.False(NamedSecrets.TryDecode([0, 2, 1, (byte)'b', 0, 0, 0, 0, 1, (byte)'a', 0, 0, 0, 0], out _)); // out of order
        Assert.False(NamedSecrets.TryDecode([0, 2, 1, (byte)'a', 0, 0, 0, 0, 1, (byte)'a', 0, 0, 0, 0], out _)); // twice
        Assert.False(NamedSecrets.TryDecode([0, 1, 1, (byte)'A', 0, 0, 0, 0], out _)); // no such name
        Assert.False(NamedSecrets.TryDecode([0, 1, 1, 0xE9, 0, 0, 0, 0], out _));
        Assert.False(NamedSecrets.TryDecode([0, 1, 0, 0, 0, 0, 0], out _)); // no name
        Assert.False(NamedSecrets.TryDecode([0, 1, 1, (byte)'a', 0xFF, 0xFF, 0xFF, 0xFF], out _)); // longer than what is there
    }

    [Fact]
    public void A_name_twice_or_of_another_form_or_a_secret_too_long_is_the_callers_mistake()
    {
        using var secrets = new NamedSecrets();
        secrets.Add("a", []);
        secrets.Add("longest", new byte[64 * 1024]);
        Assert.Throws<ArgumentException>(() => secrets.Add("a", []));
        Assert.Throws<ArgumentException>(() => secrets.Add("", []));
        Assert.Throws<ArgumentException>(() => secrets.Add("B", []));
        Assert.Throws<ArgumentException>(() => secrets.Add(new string('a', 65), []));
        Assert.Throws<ArgumentException>(() => secrets.Add("b", new byte[64 * 1024 + 1]));
    }

    [Fact]
    public void Disposing_wipes_and_nothing_is_told_but_the_number()
    {
        var secrets = new NamedSecrets();
        secrets.Add("a", [1]);
        Assert.Equal("1 secrets", secrets.ToString());
        secrets.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secrets["a"].Length);
    }
}
