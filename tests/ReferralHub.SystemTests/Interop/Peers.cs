using System.Runtime.InteropServices;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Interop;

/// <summary>Other people's programs on the same files: Debian's age, npm age-encryption, ajv, cctv-age and jose, GNU tar, Go's x/mod, librsvg, ZBar.</summary>
internal static class Peers
{
    /// <summary>The Node.js that the lock file of tests/interop pins: Debian's is too old for the packages beside it. Debian's npm links it nowhere.</summary>
    public static readonly Executable Node = Executable.Tool(Checkout.Path(
        "tests", "interop", "node_modules", $"node-linux-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}", "bin", "node"));

    /// <summary>Signs the content of a file; the token's <c>kid</c> is the thumbprint of the seed's key.</summary>
    public static Task JoseSign(byte[] seed, string typ, string from, string to) =>
        Run(Node, Script("jose.mjs"), "sign", Convert.ToHexStringLower(seed), typ, from, to);

    /// <summary>Verifies a token, writes its payload to a file and gives its header as JSON.</summary>
    public static Task<string> JoseVerify(VerifyingKey key, string from, string to) =>
        Run(Node, Script("jose.mjs"), "verify", CanonicalBase64.Url.Encode(key.ToArray()), from, to);

    /// <summary>Whether npm ajv finds that each form, a line of a file, keeps to a JSON Schema.</summary>
    public static async Task<bool[]> Ajv(string schema, string forms) =>
        [.. (await Run(Node, Script("ajv.mjs"), schema, forms)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(bool.Parse)];

    /// <summary>Writes the files of npm cctv-age into a folder.</summary>
    public static Task CctvAge(string folder) => Run(Node, Script("cctv-age.mjs"), folder);

    /// <summary>Rasterises a page with librsvg, and has ZBar read what is on it, a line a code.</summary>
    public static async Task<string> Scan(string page, string picture)
    {
        await Run(Executable.Tool("rsvg-convert"), "--output", picture, page);
        return await Run(Executable.Tool("zbarimg"), "--nodbus", "--quiet", "--raw", picture);
    }

    public static Task<string> Tar(params string[] arguments) => Run(Executable.Tool("tar"), arguments);

    /// <summary>Runs npm age-encryption.</summary>
    public static Task<string> NpmAge(params string[] arguments) => Run(Node, [Script("age.mjs"), .. arguments]);

    /// <summary>Runs Debian's age, which takes a passphrase from a terminal only.</summary>
    public static Task<string> DebianAge(string? passphrase, params string[] arguments) => passphrase is null
        ? Run(Executable.Tool("age"), arguments)
        : Run(Executable.Tool("python3"), [Script("age-passphrase.py"), passphrase, .. arguments]);

    /// <summary>Runs Debian's age-keygen.</summary>
    public static Task<string> DebianKeygen(params string[] arguments) => Run(Executable.Tool("age-keygen"), arguments);

    /// <summary>What Go's x/mod says of each folder, a line a folder; see tests/interop/verify-log.go.</summary>
    public static async Task<string[]> VerifyLog(string log, string cosigner, string folder, params string[] folders)
    {
        return (await Go(Script("verify-log.go"), folder, [log, cosigner, .. folders])).TrimEnd().Split('\n');
    }

    /// <summary>Has Go's x/mod make the worked example of a log in a folder; see tests/vectors/note-tlog/make.go.</summary>
    public static Task MakeLogExample(string source, string folder) => Go(source, folder, folder);

    private static async Task<string> Go(string source, string folder, params string[] arguments)
    {
        // Debian keeps packages of Go's modules in a GOPATH of its own.
        var program = Path.Combine(folder, Path.GetFileNameWithoutExtension(source));
        const string build = "GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode exec go build -o \"$0\" \"$1\"";
        await Run(Executable.Tool("sh"), "-c", build, program, source);
        return await Run(Executable.Tool(program), arguments);
    }

    private static string Script(string name) => Checkout.Path("tests", "interop", name);

    private static async Task<string> Run(Executable program, params string[] arguments) =>
        (await program.Run(arguments, TestContext.Current.CancellationToken)).Succeeded();
}
