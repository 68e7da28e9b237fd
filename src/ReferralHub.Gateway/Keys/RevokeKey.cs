using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Keys;

/// <summary>
/// <c>keys revoke KEY</c>: a former key was, or may have been, in other hands. What a signing key signed since a point of the
/// audit log is suspect for everybody from then on. A key in use is rotated first, so that the agency can go on: whoever has
/// lost it recovers from paper. The gateway must not run. Spec: docs/protocol.md §4.2.
/// </summary>
internal static class RevokeKey
{
    private const int LeastPrefix = 8;

    private static readonly Argument<string> Key = new("KEY") { Description = "The key as 'keys list' shows it, or how it begins." };
    private static readonly Option<long?> Since = new("--compromised-since") { Description = "Of a signing key: the log index, as 'show' has it, of the first statement that may be another's; 0 for all." };
    private static readonly Option<string?> Out = new("--out") { Description = "Write the signed event to this file for the operator ('agency change FILE') instead of handing it in." };

    /// <summary>What <c>keys revoke</c> prints.</summary>
    /// <param name="Revoked">The key.</param>
    /// <param name="File">Where the event is, when the operator is to enter it.</param>
    internal sealed record Done(string Revoked, string? File) : Output
    {
        public override void Print(TextWriter to) =>
            to.WriteLine(File is null ? $"revoked {Revoked}" : $"wrote {File}: the operator enters it with 'referralhub agency change {File}'");
    }

    public static Command Command() => Cli.OnData("revoke", "Say that a former key was in other hands.", [Key, Since, Out, Passphrase.FileOption], async (parsed, folder, ct) =>
    {
        var name = parsed.GetRequiredValue(Key);
        await using var gateway = await StoppedGateway.OpenAsync(parsed, folder, ct);
        if (parsed.GetValue(Out) is null) await gateway.RefreshAsync(ct);
        var change = Of(gateway.Us, name, parsed.GetValue(Since), gateway.Next(AgencyChangeCode.Revoke));
        var entry = (await gateway.FindUnsentAsync(AgencyChangeCode.Revoke, ct)) is { } unsent && IsSame(unsent.Change, change)
            ? unsent.Entry
            : change.Sign(gateway.Own.Keys.Signing);
        await gateway.HandInAsync(entry, parsed.GetValue(Out), ct);
        return new Done(change.Signing?.Thumbprint ?? change.Encryption!.ToString(), parsed.GetValue(Out));
    });

    /// <summary>The event that revokes a former key of ours. Pure.</summary>
    /// <param name="us">As the directory has us.</param>
    /// <param name="name">The key, or how it begins.</param>
    /// <param name="since">From when on it was another's, for a signing key.</param>
    /// <param name="next">What our next event has in common with all others.</param>
    internal static AgencyChange Of(Agency us, string name, long? since, AgencyChange next)
    {
        var signing = us.SigningKeys.Where(k => IsNamed(k.Key.Thumbprint, name)).ToList();
        var encryption = us.EncryptionKeys.Where(k => IsNamed(k.Key.ToString(), name)).ToList();
        if (signing.Count + encryption.Count != 1)
            throw new CommandException("unknown-key", $"{name}: not one key of this agency. Give at least {LeastPrefix} characters of it, as 'keys list' shows it.");

        var (use, ended, key) = signing.Count == 1
            ? (KeyUse.Signing, signing[0].Until is not null, signing[0].Key.Thumbprint)
            : (KeyUse.Encryption, encryption[0].Until is not null, encryption[0].Key.ToString());
        if (us.IsRevoked(key)) throw new CommandException("revoked-before", $"{name} is revoked already.");
        if (!ended) throw new CommandException("in-use", $"{name} is in use: replace it first, keys rotate --{Code.Text(use)}; or, if it is lost, recover from paper.");
        if ((use == KeyUse.Signing) != since is not null || since < 0)
            throw Cli.Malformed("--compromised-since goes with a signing key, and only with one; it is not negative.");
        return next with { Signing = signing.FirstOrDefault()?.Key, Encryption = encryption.FirstOrDefault()?.Key, CompromisedSince = since };
    }

    private static bool IsNamed(string key, string name) => name.Length >= LeastPrefix && key.StartsWith(name.TrimEnd('…'), StringComparison.Ordinal);

    private static bool IsSame(AgencyChange made, AgencyChange asked) => asked == made with { IssuedAt = asked.IssuedAt };
}
