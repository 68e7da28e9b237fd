using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Sealing.Keys;

/// <summary>
/// An agency's recovery key: an Ed25519 seed that lives on paper, never in a key file. The line on the paper is Bech32 in
/// upper case, <c>REFERRALHUB-RECOVERY-1…</c>, so that a QR code of it is small. Spec: docs/protocol.md §2.1, §2.7.
/// </summary>
public sealed class RecoveryKey : IDisposable
{
    private const string Prefix = "REFERRALHUB-RECOVERY-";

    private static readonly string LowerPrefix = Prefix.ToLowerInvariant();

    private readonly SecretBytes _seed;

    private RecoveryKey(SecretBytes seed)
    {
        _seed = seed;
        Signing = SigningKey.Import(seed.Span);
    }

    /// <summary>The key itself; lives as long as this.</summary>
    public SigningKey Signing { get; }

    /// <summary>Draws a new key.</summary>
    public static RecoveryKey Create() => new(SecretBytes.Random(SigningKey.SeedSize));

    /// <summary>Reads the line on the paper; lower case is read too, because people type it.</summary>
    /// <param name="line">Text from anywhere, without space around it; the caller clears it.</param>
    /// <param name="key">The key, or null when false.</param>
    public static bool TryParse(ReadOnlySpan<char> line, [NotNullWhen(true)] out RecoveryKey? key)
    {
        key = null;
        if (!Bech32.TryDecode(Prefix, line, out var seed) && !Bech32.TryDecode(LowerPrefix, line, out seed)) return false;
        if (seed.Length == SigningKey.SeedSize) key = new RecoveryKey(new SecretBytes(seed));
        CryptographicOperations.ZeroMemory(seed);
        return key is not null;
    }

    /// <summary>The line for the paper. It is the whole secret: the caller shows it once and clears the characters.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public char[] ExportLine()
    {
        var line = new char[Bech32.EncodedLength(Prefix, SigningKey.SeedSize)];
        Bech32.Encode(Prefix, _seed.Span, line);
        return line;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        Signing.Dispose();
        _seed.Dispose();
    }

    /// <summary>The thumbprint of the public half.</summary>
    public override string ToString() => $"recovery key {Signing.VerifyingKey}";
}
