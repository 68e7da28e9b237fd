using System.CommandLine;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// <c>registrar init DIR --name NAME</c>: a lead agency makes the key with which it will admit others. It stays on this
/// machine, which needs no network; the hub's operator gets only the line that is printed.
/// </summary>
internal static class RegistrarInit
{
    public const string KeyFileName = "registrar.keys";
    public const string SecretName = "registrar";

    private static readonly Argument<string> Folder = new("DIR") { Description = "A new folder for the key." };
    private static readonly Option<string> Name = new("--name") { Description = "The registrar's name in genesis.", Required = true };

    /// <summary>What <c>registrar init</c> prints.</summary>
    /// <param name="Name">The registrar's name.</param>
    /// <param name="Key">Its public key, 43 base64url characters.</param>
    internal sealed record Made(string Name, string Key) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"{Name}={Key}");
    }

    public static Command Command() => Cli.Offline("init", "Make a registrar's key.", [Folder, Name, Passphrase.FileOption], (parsed, ct) =>
    {
        var folder = parsed.GetRequiredValue(Folder);
        var name = parsed.GetRequiredValue(Name);
        // Registrars are named as agencies are: most of them are one.
        _ = Cli.Name<AgencyId>("--name", name);
        var file = Path.Combine(folder, KeyFileName);
        if (File.Exists(file)) throw new CommandException("exists", $"{file}: there is a key already, and it is not replaced.");

        Private.NewFolder(folder);
        using var passphrase = Passphrase.ReadNew(parsed);
        return Task.FromResult<Output>(new Made(name, Make(file, passphrase.Utf8)));
    });

    internal static string Make(string file, ReadOnlySpan<byte> passphrase)
    {
        var seed = GC.AllocateUninitializedArray<byte>(SigningKey.SeedSize, pinned: true);
        RandomNumberGenerator.Fill(seed);
        try
        {
            using var secrets = new NamedSecrets();
            secrets.Add(SecretName, seed);
            KeyFile.Save(file, passphrase, secrets);
            using var key = SigningKey.Import(seed);
            return CanonicalBase64.Url.Encode(key.VerifyingKey.ToArray());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}
