using System.Security.Cryptography;

namespace ReferralHub.Demo;

/// <summary>Files that only this user may read.</summary>
internal static class Secrets
{
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int PassphraseLength = 26; // 128 bits

    public static void WritePassphrase(string file)
    {
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(stream);
        writer.WriteLine(RandomNumberGenerator.GetString(Letters, PassphraseLength));
    }
}
