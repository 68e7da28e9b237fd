using System.CommandLine;
using System.Security.Cryptography;
using System.Text;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// A passphrase from a file, from systemd's credentials or typed in; never an argument or an environment value, which other
/// programs can see. Wiped on disposal.
/// </summary>
internal sealed class Passphrase : IDisposable
{
    /// <summary>The name of the systemd credential: <c>LoadCredential=referral-gateway.passphrase:…</c>.</summary>
    private const string Credential = "referral-gateway.passphrase";
    private const string CredentialFolder = "CREDENTIALS_DIRECTORY";
    private const int MaxBytes = 1024;

    private readonly byte[] _utf8;

    private Passphrase(byte[] utf8) => _utf8 = utf8;

    /// <summary>Where the key file's passphrase comes from.</summary>
    public static Option<string?> FileOption { get; } = new("--passphrase-file")
    {
        Description = $"File with the passphrase; without it the systemd credential {Credential}, or you are asked.",
    };

    /// <summary>Where a person's own secret comes from.</summary>
    public static Option<string?> SecretOption { get; } = new("--secret-file") { Description = "File with your own secret, or a descriptor as /dev/fd/3; asked for otherwise." };

    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>The passphrase of an existing key file.</summary>
    public static Passphrase Read(ParseResult parsed) => Read(parsed.GetValue(FileOption), FileOption.Name, isNew: false);

    /// <summary>A person's own secret.</summary>
    public static Passphrase ReadSecret(ParseResult parsed) => Read(parsed.GetValue(SecretOption), SecretOption.Name, isNew: false);

    /// <summary>The passphrase for a new key file; typed twice.</summary>
    public static Passphrase ReadNew(ParseResult parsed) => Read(parsed.GetValue(FileOption), FileOption.Name, isNew: true);

    /// <summary>A passphrase from a file, or typed.</summary>
    public static Passphrase Read(string? file, string setting) => Read(file, setting, isNew: false);

    /// <summary>A passphrase from a file, or typed twice.</summary>
    public static Passphrase ReadNew(string? file, string setting) => Read(file, setting, isNew: true);

    public void Dispose() => CryptographicOperations.ZeroMemory(_utf8);

    /// <summary>Says nothing.</summary>
    public override string ToString() => "a passphrase";

    private static Passphrase Read(string? file, string setting, bool isNew)
    {
        if (file is null && setting == FileOption.Name && Environment.GetEnvironmentVariable(CredentialFolder) is { } folder)
        {
            var credential = Path.Combine(folder, Credential);
            if (File.Exists(credential)) file = credential;
        }

        if (file is not null) return FromFile(file, setting);
        if (Console.IsInputRedirected)
            throw new CommandException("no-passphrase", $"{setting} is not set, and nobody is there to ask: name a file with the passphrase.");

        var passphrase = Ask(isNew ? "New passphrase: " : "Passphrase: ");
        if (!isNew) return passphrase;
        using var again = Ask("Once more: ");
        if (CryptographicOperations.FixedTimeEquals(passphrase.Utf8, again.Utf8)) return passphrase;
        passphrase.Dispose();
        throw new CommandException("no-passphrase", "The two passphrases differ.");
    }

    // A descriptor may be a pipe, which has no length; and what is secret stays out of a stream's own buffer.
    private static Passphrase FromFile(string file, string setting)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var bytes = GC.AllocateUninitializedArray<byte>(MaxBytes + 1, pinned: true);
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length <= MaxBytes) return Take(bytes, bytes.AsSpan(0, length).TrimEnd("\r\n"u8), $"{setting} {file}");
        CryptographicOperations.ZeroMemory(bytes);
        throw new CommandException("no-passphrase", $"{setting} {file}: more than {MaxBytes} bytes.");
    }

    private static Passphrase Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = GC.AllocateUninitializedArray<char>(MaxBytes / sizeof(char), pinned: true);
        var length = 0;
        try
        {
            while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
            {
                if (key.Key == ConsoleKey.Backspace) length = Math.Max(0, length - 1);
                else if (key.KeyChar != '\0' && length < typed.Length) typed[length++] = key.KeyChar;
            }

            Console.Error.WriteLine();
            var bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(typed.AsSpan(0, length)), pinned: true);
            Encoding.UTF8.GetBytes(typed.AsSpan(0, length), bytes);
            return Take(bytes, bytes, "What was typed");
        }
        finally
        {
            Array.Clear(typed);
        }
    }

    private static Passphrase Take(byte[] owned, ReadOnlySpan<byte> text, string source)
    {
        if (text.IsEmpty) throw new CommandException("no-passphrase", $"{source} is empty.");
        var utf8 = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
        text.CopyTo(utf8);
        CryptographicOperations.ZeroMemory(owned);
        return new(utf8);
    }
}
