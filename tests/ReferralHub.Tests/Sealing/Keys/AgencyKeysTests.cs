using System.Security.Cryptography;
using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;
using ReferralHub.Tests.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Keys;

public sealed class AgencyKeysTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, 500, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly AgencyKeys _keys = AgencyKeys.Create(Noon);

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void What_was_saved_loads_as_the_same_keys()
    {
        var path = Path.Combine(_folder.FullName, "keys");
        _keys.Save(path, "passphrase"u8);
        Assert.True(AgencyKeys.TryLoad(path, "passphrase"u8, out var read, out _));
        using (read)
        {
            Assert.Equal(_keys.Signing.VerifyingKey, read.Signing.VerifyingKey);
            Assert.Equal(_keys.EncryptionKey, read.EncryptionKey);
            Assert.Equal([(Noon.AddMilliseconds(-500), null)], read.Encryption.Select(e => (e.CreatedAt, e.RetiredAt)));
            using var tls = _keys.OpenTlsKey();
            using var readTls = read.OpenTlsKey();
            Assert.Equal(tls.ExportSubjectPublicKeyInfo(), readTls.ExportSubjectPublicKeyInfo());
        }

        Assert.False(AgencyKeys.TryLoad(path, "other"u8, out _, out var fault));
        Assert.Equal(KeyFileFault.WrongPassphrase, fault);
    }

    [Fact]
    public void The_keys_are_unrelated_and_the_TLS_key_is_P256()
    {
        using var secrets = _keys.ToSecrets();
        Assert.Equal(["encryption/0001", "signing", "storage", "tls"], secrets.Names);
        Assert.NotEqual(secrets["signing"].ToArray(), secrets["encryption/0001"][16..].ToArray());
        using var tls = _keys.OpenTlsKey();
        Assert.Equal(ECCurve.NamedCurves.nistP256.Oid.Value, tls.ExportParameters(includePrivateParameters: false).Curve.Oid.Value);
    }

    [Fact]
    public void A_key_file_without_a_storage_key_gets_one_that_is_to_be_saved()
    {
        using var secrets = _keys.ToSecrets();
        using NamedSecrets older = new(), wrong = new();
        foreach (var name in secrets.Names.Where(n => n != "storage")) older.Add(name, secrets[name]);
        foreach (var name in secrets.Names) wrong.Add(name, name == "storage" ? new byte[31] : secrets[name]);

        using AgencyKeys? same = AgencyKeys.Read(secrets), grown = AgencyKeys.Read(older);
        Assert.Equal((false, true), (same!.StorageIsNew, grown!.StorageIsNew));
        Assert.Equal(_keys.Storage.PublicKey, same.Storage.PublicKey);
        Assert.NotEqual(_keys.Storage.PublicKey, grown.Storage.PublicKey);
        Assert.Null(AgencyKeys.Read(wrong));
    }

    [Fact]
    public void Only_what_is_retired_is_destroyed()
    {
        _keys.RotateEncryption(Noon.AddMonths(3));
        var (current, retired) = (_keys.Encryption[0], _keys.Encryption[1]);
        Assert.Throws<ArgumentException>(() => _keys.Destroy([current, retired]));
        Assert.Equal(2, _keys.Encryption.Count);

        _keys.Destroy([retired]);

        Assert.Equal([current], _keys.Encryption);
        Assert.Throws<ObjectDisposedException>(retired.Identity.ExportSecret);
    }

    [Fact]
    public void A_retired_identity_still_opens_what_was_sealed_to_it()
    {
        using var old = AgencyKeys.Create(Noon.AddMonths(-3));
        using var secrets = _keys.ToSecrets();
        using var oldSecrets = old.ToSecrets();
        var retired = oldSecrets["encryption/0001"].ToArray();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(retired.AsSpan(8), Noon.ToUnixTimeSeconds());
        secrets.Add("encryption/0002", retired);

        using var keys = AgencyKeys.Read(secrets);
        Assert.NotNull(keys);
        Assert.Equal(_keys.EncryptionKey, keys.EncryptionKey);
        Assert.Equal([null, Noon.AddMilliseconds(-500)], keys.Encryption.Select(e => e.RetiredAt));
        var file = AgeFiles.Seal(new HybridRecipient(old.EncryptionKey), [5]);
        AgeFiles.AssertOpened([5], AgeFiles.Open(file, AgeLimits.Wire, 4096, [.. keys.Identities]));
    }

    [Fact]
    public void Secrets_that_are_not_an_agencys_are_refused()
    {
        Assert.Null(Without("signing"));
        Assert.Null(Without("tls"));
        Assert.Null(Without("encryption/0001"));
        Assert.Null(With("signing", new byte[31]));
        Assert.Null(With("tls", [1, 2, 3]));
        Assert.Null(With("tls", [.. Held("tls"), 0]));
        Assert.Null(With("encryption/0001", new byte[47]));
        Assert.Null(With("encryption/0001", [.. Enumerable.Repeat((byte)0xFF, 8), .. Current()[8..]])); // created at no time
        Assert.Null(With("encryption/0002", [.. Current()[..8], .. Enumerable.Repeat((byte)0xFF, 8), .. Current()[16..]])); // retired at no time
        Assert.Null(With("encryption/0001", new byte[48])); // retired, and none in its place
        Assert.Null(With("encryption/0002", Current())); // two that are not retired
        Assert.Null(With("other", []));

        byte[] Current() => Held("encryption/0001");

        byte[] Held(string name)
        {
            using var secrets = _keys.ToSecrets();
            return secrets[name].ToArray();
        }
    }

    [Fact]
    public void Another_kind_of_key_file_is_told_apart()
    {
        var path = Path.Combine(_folder.FullName, "registrar");
        using var secrets = new NamedSecrets();
        secrets.Add("signing", new byte[32]);
        KeyFile.Save(path, "passphrase"u8, secrets, KeyFileCost.Least);
        Assert.False(AgencyKeys.TryLoad(path, "passphrase"u8, out _, out var fault));
        Assert.Equal(KeyFileFault.OtherContent, fault);
    }

    [Fact]
    public void Identities_are_named_by_their_place()
    {
        using var current = _keys.ToSecrets();
        foreach (var name in (string[])["encryption/0002", "encryption/1", "encryption/0001-x25519"])
        {
            using var secrets = new NamedSecrets();
            foreach (var other in (string[])["signing", "tls"]) secrets.Add(other, current[other]);
            secrets.Add(name, current["encryption/0001"]);
            Assert.Null(AgencyKeys.Read(secrets));
        }
    }

    [Fact]
    public void A_backup_holds_every_identity_as_stock_age_reads_it()
    {
        using var file = new MemoryStream();
        KeyBackup.Write(file, _keys, "on paper"u8);
        using var passphrase = new ScryptIdentity("on paper"u8);
        var (plain, fault) = AgeFiles.Open(file.ToArray(), AgeLimits.Local, 4096, passphrase);
        Assert.Null(fault);

        var lines = Encoding.ASCII.GetString(plain).Split('\n');
        Assert.Equal(["# created: 2026-01-05T12:00:00Z", $"# public key: {_keys.EncryptionKey}"], lines[..2]);
        Assert.True(HybridIdentity.TryParse(lines[2], out var identity));
        using (identity) Assert.Equal(_keys.EncryptionKey, identity.PublicKey);
        Assert.Equal([""], lines[3..]);
    }

    private AgencyKeys? Without(string name)
    {
        using var secrets = _keys.ToSecrets();
        using var others = new NamedSecrets();
        foreach (var other in secrets.Names.Where(n => n != name)) others.Add(other, secrets[other]);
        return AgencyKeys.Read(others);
    }

    private AgencyKeys? With(string name, byte[] value)
    {
        using var secrets = _keys.ToSecrets();
        using var changed = new NamedSecrets();
        foreach (var other in secrets.Names.Where(n => n != name)) changed.Add(other, secrets[other]);
        changed.Add(name, value);
        return AgencyKeys.Read(changed);
    }
}
