using System.Diagnostics;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Benchmarks.Mail;

/// <summary>What somebody with GnuPG has: an Ed25519 and a Curve25519 key, and the other's.</summary>
internal sealed class Gpg(string home, string name) : IAsyncDisposable
{
    private readonly string[] _options = ["--homedir", home, "--batch", "--quiet", "--no-auto-check-trustdb", "--trust-model", "always"];

    private string Address => $"{name}@{MailServer.Domain}";

    /// <summary>Makes the keys, without a passphrase.</summary>
    public async Task Make()
    {
        Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Run(["--passphrase", "", "--quick-generate-key", Address, "future-default", "default", "never"], []);
    }

    /// <summary>Takes the other's keys.</summary>
    public async Task Meet(Gpg other) => await Run(["--import"], await other.Run(["--export"], []));

    public Task<byte[]> SignAndEncrypt(Gpg to, byte[] text) => Run(["--armor", "--sign", "--encrypt", "--recipient", to.Address], text);

    /// <exception cref="ProcessFailedException">It cannot be opened, or is signed by nobody who is known.</exception>
    public async Task<byte[]> DecryptAndVerify(byte[] mail) => await Run(["--status-fd", "2", "--decrypt"], mail, "VALIDSIG");

    public async ValueTask DisposeAsync() =>
        (await Executable.Tool("gpgconf").Run(["--homedir", home, "--kill", "all"], CancellationToken.None)).Succeeded();

    private async Task<byte[]> Run(string[] what, byte[] input, string says = "")
    {
        using var gpg = Process.Start(new ProcessStartInfo("gpg", [.. _options, .. what])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var output = new MemoryStream();
        var reading = gpg.StandardOutput.BaseStream.CopyToAsync(output);
        var errors = gpg.StandardError.ReadToEndAsync();
        await gpg.StandardInput.BaseStream.WriteAsync(input);
        gpg.StandardInput.Close();
        await reading;
        await gpg.WaitForExitAsync();
        var said = await errors;
        return gpg.ExitCode == 0 && said.Contains(says, StringComparison.Ordinal)
            ? output.ToArray()
            : throw new ProcessFailedException($"exit code {gpg.ExitCode} of gpg", said.Split('\n'));
    }
}
