using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

public sealed class ScryptTests : IDisposable
{
    private const int Work = 10; // a file of the real cost takes a second

    private readonly ScryptRecipient _recipient = new("correct horse"u8, Work);
    private readonly ScryptIdentity _identity = new("correct horse"u8);

    public void Dispose()
    {
        _recipient.Dispose();
        _identity.Dispose();
    }

    [Fact]
    public void A_backup_opens_with_its_passphrase_and_no_other()
    {
        var file = AgeFiles.Seal(_recipient, [1, 2, 3]);
        using var other = new ScryptIdentity("correct hors"u8);
        AgeFiles.AssertOpened([1, 2, 3], AgeFiles.Open(file, AgeLimits.Local, 4096, _identity));
        Assert.Equal(AgeFault.NotMine, AgeFiles.Open(file, AgeLimits.Local, 4096, other).Fault);
    }

    [Fact]
    public void The_wire_never_carries_one()
    {
        var file = AgeFiles.Seal(_recipient, []);
        Assert.False(AgeHeader.TryParse(file, out _, out _));
        using var agency = HybridIdentity.Create();
        Assert.Equal(AgeFault.NotMine, AgeFiles.Open(file, AgeLimits.Wire, 4096, agency).Fault);
    }

    [Theory]
    [InlineData("010")]
    [InlineData("0")]
    [InlineData("+10")]
    [InlineData("-10")]
    [InlineData("1e1")]
    [InlineData("0xA")]
    [InlineData("10x")]
    [InlineData("23")] // more than 2^22
    [InlineData("4294967306")] // 10 after an overflow
    [InlineData("99999999999999999999")]
    public void Another_spelling_of_the_work_or_too_much_of_it_is_malformed(string work) =>
        Assert.Equal(AgeFault.HeaderMalformed, OpenWith($" {Work}\n", $" {work}\n"));

    [Fact]
    public void A_file_that_says_less_work_than_was_done_does_not_open() =>
        Assert.Equal(AgeFault.NotMine, OpenWith($" {Work}\n", " 9\n"));

    [Theory]
    [InlineData("-> scrypt ", "-> scrypt AAAA")] // a longer salt
    [InlineData("-> scrypt ", "-> scrypt x ")] // an argument more
    [InlineData("\n--- ", "\n-> grease\n\n--- ")] // somebody else beside the passphrase
    public void Other_rules_broken_are_malformed(string from, string to) => Assert.Equal(AgeFault.HeaderMalformed, OpenWith(from, to));

    [Fact]
    public void An_empty_passphrase_is_the_callers_mistake() => Assert.Throws<ArgumentException>(() => new ScryptRecipient([]));

    private AgeFault? OpenWith(string from, string to)
    {
        var file = Encoding.Latin1.GetString(AgeFiles.Seal(_recipient, []));
        var changed = file.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(file, changed);
        return AgeFiles.Open(Encoding.Latin1.GetBytes(changed), AgeLimits.Local, 4096, _identity).Fault;
    }
}
