using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Tests.Sealing.Keys;

public sealed class RecoveryKeyTests
{
    [Fact]
    public void Its_line_reads_back_as_the_same_key_in_either_case()
    {
        using var key = RecoveryKey.Create();
        var line = new string(key.ExportLine());
        Assert.StartsWith("REFERRALHUB-RECOVERY-1", line, StringComparison.Ordinal);
        foreach (var typed in (string[])[line, line.ToLowerInvariant()])
        {
            Assert.True(RecoveryKey.TryParse(typed, out var read));
            using (read) Assert.Equal(key.Signing.VerifyingKey, read.Signing.VerifyingKey);
        }
    }

    [Fact]
    public void Refuses_a_mistyped_line()
    {
        using var key = RecoveryKey.Create();
        var line = new string(key.ExportLine());
        Assert.False(RecoveryKey.TryParse(line.AsSpan(..^1), out _));
        Assert.False(RecoveryKey.TryParse(line[..^1] + (line[^1] == 'Q' ? 'P' : 'Q'), out _));
        Assert.False(RecoveryKey.TryParse("r" + line[1..], out _)); // mixed case
        Assert.False(RecoveryKey.TryParse("", out _));
        Assert.False(RecoveryKey.TryParse(Bech32.Encode("REFERRALHUB-RECOVERY-", new byte[31]), out _));
        Assert.False(RecoveryKey.TryParse(Bech32.Encode("AGE-SECRET-KEY-PQ-", new byte[32]), out _));
    }

    [Fact]
    public void Two_keys_differ_and_tell_nothing_of_their_seeds()
    {
        using var one = RecoveryKey.Create();
        using var other = RecoveryKey.Create();
        Assert.NotEqual(one.Signing.VerifyingKey, other.Signing.VerifyingKey);
        Assert.Equal($"recovery key {one.Signing.VerifyingKey.Thumbprint}", one.ToString());
    }
}
