using System.Security.Cryptography.X509Certificates;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Keys;

/// <summary>What a key is for.</summary>
internal enum KeyUse
{
    /// <summary>Signs statements; lives twelve months.</summary>
    Signing,

    /// <summary>Opens envelopes; lives three months.</summary>
    Encryption,

    /// <summary>Opens the connection to the hub; its certificate lives 90 days.</summary>
    Tls,
}

/// <summary>A key of ours as it stands now.</summary>
/// <param name="Use">What it is for.</param>
/// <param name="Key">Its name: thumbprint, age key, or the certificate's fingerprint.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">Until when it should have been replaced.</param>
/// <param name="Retired">Whether another one has taken its place.</param>
/// <param name="Revoked">Whether it is revoked.</param>
internal sealed record KeyAge(KeyUse Use, string Key, DateTimeOffset Since, DateTimeOffset Until, bool Retired, bool Revoked)
{
    /// <summary>Days before its end from which on a rotation is proposed.</summary>
    private const int Notice = 14;

    /// <summary>Whether it is time to rotate it.</summary>
    public bool IsDue(DateTimeOffset now) => !Retired && now >= Until.AddDays(-Notice);

    /// <summary>Whether it should have been rotated: it is stale.</summary>
    public bool IsStale(DateTimeOffset now) => !Retired && now >= Until;
}

/// <summary>The ages of our keys, from what is public. Pure. Spec: docs/protocol.md §2.1.</summary>
internal static class KeyAges
{
    /// <summary>All keys of ours, the current ones first.</summary>
    /// <param name="us">As the directory has us.</param>
    /// <param name="chain">Our certificate chain, PEM.</param>
    public static IReadOnlyList<KeyAge> Of(Agency us, string chain)
    {
        using var certificate = X509Certificate2.CreateFromPem(chain);
        return
        [
            .. us.SigningKeys.Reverse().Select(k => new KeyAge(
                KeyUse.Signing, k.Key.Thumbprint, k.BroughtAt, k.BroughtAt.AddDays(Agency.SigningKeyDays), k.Until is not null, us.IsRevoked(k.Key.Thumbprint))),
            .. us.EncryptionKeys.Reverse().Select(k => new KeyAge(
                KeyUse.Encryption, k.Key.ToString(), k.BroughtAt, k.BroughtAt.AddDays(Agency.EncryptionKeyDays), k.Until is not null, us.IsRevoked(k.Key.ToString()))),
            new(
                KeyUse.Tls, Convert.ToHexStringLower(certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256)),
                certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), Retired: false, Revoked: false),
        ];
    }

    /// <summary>What to do about them, or null.</summary>
    public static string? Advice(IReadOnlyList<KeyAge> keys, DateTimeOffset now)
    {
        var due = keys.Where(k => k.IsDue(now)).Select(k => Code.Text(k.Use)).Distinct().ToList();
        return due.Count == 0 ? null : $"keys are {(keys.Any(k => k.IsStale(now)) ? "stale" : "due")}: stop the gateway, then referral-gateway keys rotate {string.Join(' ', due.Select(use => $"--{use}"))}";
    }
}
