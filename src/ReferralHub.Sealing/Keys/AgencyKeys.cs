using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Keys;

/// <summary>
/// What an agency's gateway works with every day: its signing key, its encryption identities, its TLS key. The recovery key
/// is not among them. Kept in a <see cref="KeyFile"/>. Spec: docs/protocol.md §2.1, §2.7.
/// </summary>
public sealed class AgencyKeys : IDisposable
{
    private const string SigningName = "signing";
    private const string NextSigningName = "signing/next";
    private const string TlsName = "tls";
    private const string FormerTlsName = "tls/former";
    private const string StorageName = "storage";
    private const string EncryptionPrefix = "encryption/";
    private const int DatesBytes = 2 * sizeof(long);

    private readonly List<EncryptionIdentity> _encryption;
    private SecretBytes _signingSeed;
    private SecretBytes? _nextSeed;
    private SecretBytes _tls;
    private SecretBytes? _formerTls;

    private AgencyKeys(SecretBytes signingSeed, SecretBytes tls, KeyIdentity storage, List<EncryptionIdentity> encryption)
    {
        (_signingSeed, _tls, Storage, _encryption) = (signingSeed, tls, storage, encryption);
        Signing = SigningKey.Import(signingSeed.Span);
    }

    /// <summary>The key that signs the agency's statements; lives as long as this, or until it is rotated.</summary>
    public SigningKey Signing { get; private set; }

    /// <summary>The signing key that is to come, between <see cref="BeginSigning"/> and <see cref="CommitSigning"/>; else null.</summary>
    public SigningKey? NextSigning { get; private set; }

    /// <summary>What the agency keeps at rest is sealed to this. It is in no backup and nobody else seals to it.</summary>
    public KeyIdentity Storage { get; }

    /// <summary>Whether <see cref="Storage"/> was drawn when an older key file was read: save before anything is sealed to it.</summary>
    public bool StorageIsNew { get; private init; }

    /// <summary>All encryption identities, newest first; the first is the current one.</summary>
    public IReadOnlyList<EncryptionIdentity> Encryption => _encryption;

    /// <summary>What others seal to now.</summary>
    public EncryptionKey EncryptionKey => _encryption[0].Identity.PublicKey;

    /// <summary>What opens envelopes, newest first; disposed with this.</summary>
    public IReadOnlyList<AgeIdentity> Identities => [.. _encryption.Select(e => e.Identity)];

    /// <summary>Draws a signing key, an encryption identity, a storage key and a TLS key (ECDSA P-256), none derived from another.</summary>
    /// <param name="now">When; fractions of a second are cut off.</param>
    public static AgencyKeys Create(DateTimeOffset now)
    {
        using var tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pkcs8 = tls.ExportPkcs8PrivateKey();
        var keys = new AgencyKeys(
            SecretBytes.Random(SigningKey.SeedSize),
            new SecretBytes(pkcs8),
            HybridIdentity.Create(),
            [new EncryptionIdentity(HybridIdentity.Create(), WireTime.Whole(now), RetiredAt: null)]);
        CryptographicOperations.ZeroMemory(pkcs8);
        return keys;
    }

    /// <summary>Opens an agency's key file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">UTF-8; the caller clears it.</param>
    /// <param name="keys">The keys, the caller's to dispose; null when false.</param>
    /// <param name="fault">Null, or why not.</param>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static bool TryLoad(
        string path,
        ReadOnlySpan<byte> passphrase,
        [NotNullWhen(true)] out AgencyKeys? keys,
        [NotNullWhen(false)] out KeyFileFault? fault)
    {
        keys = null;
        if (!KeyFile.TryLoad(path, passphrase, out var secrets, out fault)) return false;
        using (secrets) keys = Read(secrets);
        if (keys is null) fault = KeyFileFault.OtherContent;
        return keys is not null;
    }

    /// <summary>Seals the keys into a file, see <see cref="KeyFile.Save(string, ReadOnlySpan{byte}, NamedSecrets)"/>.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="passphrase">UTF-8, not empty; the caller clears it.</param>
    public void Save(string path, ReadOnlySpan<byte> passphrase)
    {
        using var secrets = ToSecrets();
        KeyFile.Save(path, passphrase, secrets);
    }

    /// <summary>Takes up identities from a backup, retired, behind the current one; those that are here already are disposed.</summary>
    /// <param name="backup">They are this object's from now on.</param>
    /// <param name="now">When one that the backup has as current is retired; fractions of a second are cut off.</param>
    /// <returns>How many were not here.</returns>
    public int Restore(IReadOnlyList<EncryptionIdentity> backup, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(backup);
        var known = _encryption.Select(e => e.Identity.PublicKey).ToHashSet();
        var missing = backup.Where(b => known.Add(b.Identity.PublicKey)).ToList();
        foreach (var other in backup.Except(missing)) other.Identity.Dispose();

        EncryptionIdentity[] retired = [.. _encryption.Skip(1), .. missing.Select(m => m with { RetiredAt = m.RetiredAt ?? WireTime.Whole(now) })];
        _encryption.RemoveRange(1, _encryption.Count - 1);
        _encryption.AddRange(retired.OrderByDescending(r => r.CreatedAt));
        return missing.Count;
    }

    /// <summary>Draws a new encryption identity; the one before is retired and still opens.</summary>
    /// <param name="now">When; fractions of a second are cut off.</param>
    public void RotateEncryption(DateTimeOffset now)
    {
        _encryption[0] = _encryption[0] with { RetiredAt = WireTime.Whole(now) };
        _encryption.Insert(0, new EncryptionIdentity(HybridIdentity.Create(), WireTime.Whole(now), RetiredAt: null));
    }

    /// <summary>Wipes retired identities: what was sealed to them opens with nothing any more.</summary>
    /// <param name="retired">Of <see cref="Encryption"/>.</param>
    /// <exception cref="ArgumentException">One is in use.</exception>
    public void Destroy(IReadOnlyCollection<EncryptionIdentity> retired)
    {
        ArgumentNullException.ThrowIfNull(retired);
        if (retired.Any(e => e.RetiredAt is null)) throw new ArgumentException("The current identity is not destroyed.", nameof(retired));
        foreach (var entry in retired)
        {
            if (_encryption.Remove(entry)) entry.Identity.Dispose();
        }
    }

    /// <summary>Draws the next signing key, unless there is one: both sign the event by which it comes.</summary>
    public void BeginSigning()
    {
        if (_nextSeed is null) Prepare(SecretBytes.Random(SigningKey.SeedSize));
    }

    /// <summary>The next signing key becomes the signing key; the one before is wiped.</summary>
    /// <exception cref="InvalidOperationException">There is no next one.</exception>
    public void CommitSigning()
    {
        if (_nextSeed is null || NextSigning is null) throw new InvalidOperationException("There is no next signing key.");
        Signing.Dispose();
        _signingSeed.Dispose();
        (Signing, _signingSeed) = (NextSigning, _nextSeed);
        (NextSigning, _nextSeed) = (null, null);
    }

    /// <summary>Draws a new TLS key; the one before stays until the next time, since its certificate is the one that is known.</summary>
    public void RotateTls()
    {
        using var tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pkcs8 = tls.ExportPkcs8PrivateKey();
        _formerTls?.Dispose();
        (_formerTls, _tls) = (_tls, new SecretBytes(pkcs8));
        CryptographicOperations.ZeroMemory(pkcs8);
    }

    /// <summary>The TLS key, to make a request or a connection with; the caller disposes it.</summary>
    public ECDsa OpenTlsKey() => OpenTls(_tls);

    /// <summary>The TLS key, or the one before, whichever has this public half; null if neither. The caller disposes it.</summary>
    public ECDsa? OpenTlsKeyOf(System.Security.Cryptography.X509Certificates.PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var kept in new[] { _tls, _formerTls }.OfType<SecretBytes>())
        {
            var tls = OpenTls(kept);
            if (tls.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())) return tls;
            tls.Dispose();
        }

        return null;
    }

    /// <summary>Wipes all keys.</summary>
    public void Dispose()
    {
        Signing.Dispose();
        _signingSeed.Dispose();
        NextSigning?.Dispose();
        _nextSeed?.Dispose();
        _tls.Dispose();
        _formerTls?.Dispose();
        Storage.Dispose();
        foreach (var entry in _encryption) entry.Identity.Dispose();
    }

    /// <summary>The thumbprint of the signing key and the number of identities.</summary>
    public override string ToString() => $"keys of {Signing.VerifyingKey}, {_encryption.Count} identities";

    internal NamedSecrets ToSecrets()
    {
        var secrets = new NamedSecrets();
        secrets.Add(SigningName, _signingSeed.Span);
        if (_nextSeed is not null) secrets.Add(NextSigningName, _nextSeed.Span);
        secrets.Add(TlsName, _tls.Span);
        secrets.Add(StorageName, Storage.Secret);
        if (_formerTls is not null) secrets.Add(FormerTlsName, _formerTls.Span);
        Span<byte> value = stackalloc byte[DatesBytes + KeyIdentity.SecretSize];
        for (var i = 0; i < _encryption.Count; i++)
        {
            var entry = _encryption[i];
            BinaryPrimitives.WriteInt64BigEndian(value, entry.CreatedAt.ToUnixTimeSeconds());
            BinaryPrimitives.WriteInt64BigEndian(value[sizeof(long)..], entry.RetiredAt?.ToUnixTimeSeconds() ?? long.MaxValue);
            entry.Identity.Secret.CopyTo(value[DatesBytes..]);
            secrets.Add(NameOf(i), value);
        }

        CryptographicOperations.ZeroMemory(value);
        return secrets;
    }

    /// <summary>Reads keys; null when these are not an agency's.</summary>
    internal static AgencyKeys? Read(NamedSecrets secrets)
    {
        var encryption = new List<EncryptionIdentity>();
        var fits = secrets.Contains(SigningName) && secrets[SigningName].Length == SigningKey.SeedSize
            && secrets.Contains(TlsName) && IsTlsKey(secrets[TlsName])
            && (!secrets.Contains(NextSigningName) || secrets[NextSigningName].Length == SigningKey.SeedSize)
            && (!secrets.Contains(StorageName) || secrets[StorageName].Length == KeyIdentity.SecretSize)
            && (!secrets.Contains(FormerTlsName) || IsTlsKey(secrets[FormerTlsName]))
            && secrets.Names.Where(n => n is not (SigningName or NextSigningName or TlsName or FormerTlsName or StorageName)).All(n => n == NameOf(encryption.Count) && TryReadIdentity(secrets[n], encryption))
            && encryption.Count > 0 && encryption.Select((e, i) => (e.RetiredAt is null) == (i == 0)).All(right => right);
        if (fits)
        {
            // A key file from before there was one has none.
            var storage = secrets.Contains(StorageName) ? HybridIdentity.Import(secrets[StorageName]) : HybridIdentity.Create();
            var keys = new AgencyKeys(new SecretBytes(secrets[SigningName]), new SecretBytes(secrets[TlsName]), storage, encryption) { StorageIsNew = !secrets.Contains(StorageName) };
            if (secrets.Contains(NextSigningName)) keys.Prepare(new SecretBytes(secrets[NextSigningName]));
            if (secrets.Contains(FormerTlsName)) keys._formerTls = new SecretBytes(secrets[FormerTlsName]);
            return keys;
        }

        foreach (var entry in encryption) entry.Identity.Dispose();
        return null;
    }

    private void Prepare(SecretBytes seed) => (_nextSeed, NextSigning) = (seed, SigningKey.Import(seed.Span));

    private static ECDsa OpenTls(SecretBytes pkcs8)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pkcs8.Span, out _);
        return key;
    }

    private static string NameOf(int index) => EncryptionPrefix + (index + 1).ToString("D4", CultureInfo.InvariantCulture);

    private static bool TryReadIdentity(ReadOnlySpan<byte> value, List<EncryptionIdentity> to)
    {
        if (value.Length != DatesBytes + KeyIdentity.SecretSize) return false;
        var retired = BinaryPrimitives.ReadInt64BigEndian(value[sizeof(long)..]);
        if (!TryReadTime(BinaryPrimitives.ReadInt64BigEndian(value), out var createdAt)) return false;
        var retiredAt = default(DateTimeOffset);
        if (retired != long.MaxValue && !TryReadTime(retired, out retiredAt)) return false;
        to.Add(new EncryptionIdentity(
            HybridIdentity.Import(value[DatesBytes..]), createdAt, retired == long.MaxValue ? null : retiredAt));
        return true;
    }

    private static bool TryReadTime(long seconds, out DateTimeOffset time)
    {
        var valid = seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        time = valid ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return valid;
    }

    private static bool IsTlsKey(ReadOnlySpan<byte> pkcs8)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out var read);
            return read == pkcs8.Length;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
