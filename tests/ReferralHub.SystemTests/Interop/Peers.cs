using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Interop;

/// <summary>Other people's programs on the same files: npm age-encryption and jose (tests/interop), GNU tar.</summary>
internal static class Peers
{
    private static readonly Executable Node = Executable.Tool("node");
    private static readonly Executable GnuTar = Executable.Tool("tar");

    /// <summary>Opens an age file. <paramref name="kind"/>: <c>identity</c> or <c>passphrase</c>.</summary>
    public static Task<string> AgeOpen(string kind, string secret, string from, string to) => Age("open", kind, secret, from, to);

    /// <summary>Seals an age file. <paramref name="kind"/>: <c>recipient</c> or <c>passphrase</c>.</summary>
    public static Task<string> AgeSeal(string kind, string key, string from, string to) => Age("seal", kind, key, from, to);

    /// <summary>Draws a hybrid identity.</summary>
    public static async Task<(string Identity, string Recipient)> AgeKeygen()
    {
        var lines = (await Age("keygen")).Split('\n');
        return (lines[0], lines[1]);
    }

    /// <summary>Verifies a token: its header and payload as one JSON object.</summary>
    public static Task<string> JoseVerify(VerifyingKey key, string file) =>
        Run(Node, Checkout.Path("tests", "interop", "jws.mjs"), CanonicalBase64.Url.Encode(key.ToArray()), file);

    public static Task<string> Tar(params string[] arguments) => Run(GnuTar, arguments);

    private static Task<string> Age(params string[] arguments) => Run(Node, [Checkout.Path("tests", "interop", "age.mjs"), .. arguments]);

    private static async Task<string> Run(Executable program, params string[] arguments) =>
        (await program.Run(arguments, TestContext.Current.CancellationToken)).Succeeded();
}
