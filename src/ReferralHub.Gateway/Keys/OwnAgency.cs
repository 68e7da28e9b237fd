using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Keys;

/// <summary>Who this gateway is: the event that it made, and the keys that it unlocked.</summary>
internal sealed class OwnAgency : IDisposable
{
    private Action? _save;

    private OwnAgency(CoSigned enrolment, AgencyEvent enrol, AgencyKeys keys) => (Enrolment, Event, Keys) = (enrolment, enrol, keys);

    public AgencyId Id => Event.Agency;

    /// <summary>The enrolment as it goes to the hub, signed by our two keys.</summary>
    public CoSigned Enrolment { get; }

    public AgencyEvent Event { get; }

    public AgencyKeys Keys { get; }

    /// <summary>Says how the keys are kept after they changed.</summary>
    public void SaveBy(Action save) => _save = save;

    /// <summary>Keeps the keys as they are now, durably.</summary>
    public void Save() => (_save ?? throw new InvalidOperationException("Nobody said how."))();

    /// <summary>Reads what is public; needs no passphrase.</summary>
    public static (CoSigned Entry, AgencyEvent Event) ReadEnrolment(DataFolder folder)
    {
        if (!File.Exists(folder.Enrolment))
            throw new CommandException("not-initialised", $"--data {folder.Root}: no agency here. Make its keys: referral-gateway init --data {folder.Root}");
        return CoSigned.TryParse(File.ReadAllBytes(folder.Enrolment), out var entry) && StrictJson.TryRead<AgencyEvent>(entry.Payload.Span, out var enrol)
            ? (entry, enrol)
            : throw new CommandException("broken", $"{folder.Enrolment}: not an enrolment. Put the backup back.");
    }

    /// <summary>Puts an agency together from what was made or unlocked elsewhere; takes over the keys.</summary>
    public static OwnAgency Of(CoSigned enrolment, AgencyEvent enrol, AgencyKeys keys) => new(enrolment, enrol, keys);

    /// <summary>Opens the key file.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="passphrase">UTF-8; stays the caller's.</param>
    public static OwnAgency Unlock(DataFolder folder, ReadOnlySpan<byte> passphrase)
    {
        var (entry, enrol) = ReadEnrolment(folder);
        if (!AgencyKeys.TryLoad(folder.Keys, passphrase, out var keys, out var fault))
        {
            throw fault == KeyFileFault.WrongPassphrase
                ? new CommandException("wrong-passphrase", $"{folder.Keys} does not open: the passphrase is wrong, or the file was altered.")
                : new CommandException("broken", $"{folder.Keys} is no key file of an agency: {Code.Text(fault.Value)}. Put the backup back.");
        }

        // Before anything is sealed to it.
        if (keys.StorageIsNew) keys.Save(folder.Keys, passphrase);
        return Of(entry, enrol, keys);
    }

    /// <summary>Throws unless the key file's signing key is, or was, this agency's: in the directory, or before that in the enrolment.</summary>
    public void RequireMatch(DataFolder folder, AgencyDirectory directory)
    {
        var signing = Keys.Signing.VerifyingKey;
        if (directory.Find(Id)?.SigningKeys.Any(k => k.Key.Equals(signing)) ?? signing.Equals(Event.Signing)) return;
        throw new CommandException("broken", $"{folder.Keys} and {folder.Enrolment} are of two agencies. Put the backup back, both files.");
    }

    /// <summary>Throws unless this is the key file's passphrase; clears it. Takes a second, on purpose.</summary>
    public static void RequirePassphrase(DataFolder folder, byte[] passphrase)
    {
        var opens = AgencyKeys.TryLoad(folder.Keys, passphrase, out var keys, out _);
        CryptographicOperations.ZeroMemory(passphrase);
        keys?.Dispose();
        if (!opens) throw new RefusedException(Refusal.WrongPassphrase, "The passphrase is not the key file's.");
    }

    /// <summary>A request for the certificate by which the hub will know us.</summary>
    public string RequestCertificate()
    {
        using var tls = Keys.OpenTlsKey();
        return new CertificateRequest($"CN={Id}", tls, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }

    /// <summary>The certificate with its key; the caller disposes it.</summary>
    /// <param name="chain">PEM, ours first.</param>
    public X509Certificate2 Certificate(string chain)
    {
        using var bare = X509Certificate2.CreateFromPem(chain);
        using var tls = Keys.OpenTlsKeyOf(bare.PublicKey) ?? throw new CommandException("broken", "The hub's certificate is not for our TLS key.");
        return bare.CopyWithPrivateKey(tls);
    }

    /// <summary>Whether a certificate is for the TLS key that we have now, and not for the one before.</summary>
    public bool HasCertificateFor(string chain)
    {
        using var tls = Keys.OpenTlsKey();
        using var bare = X509Certificate2.CreateFromPem(chain);
        return bare.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(tls.ExportSubjectPublicKeyInfo());
    }

    public void Dispose() => Keys.Dispose();
}
