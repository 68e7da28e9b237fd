namespace ReferralHub.SystemTests.Interop;

/// <summary>
/// Another implementation of age on files: <c>debian</c> or <c>npm</c>. Kinds are <c>x25519</c>, <c>hybrid</c> and
/// <c>passphrase</c>; a key is a recipient or the passphrase, a secret its identity or the passphrase.
/// </summary>
internal sealed class AgePeer(string name, TemporaryFolder folder)
{
    /// <summary>The recipient of an identity.</summary>
    public async Task<string> Recipient(string identity) =>
        (await (name == "debian" ? Peers.DebianKeygen("-y", await Written(identity)) : Peers.NpmAge("recipient", identity))).TrimEnd();

    public async Task Seal(string kind, string key, bool armored, string from, string to)
    {
        string[] armor = armored ? ["--armor"] : [];
        await ((name, kind) switch
        {
            ("debian", "passphrase") => Peers.DebianAge(key, [.. armor, "--passphrase", "--output", to, from]),
            ("debian", _) => Peers.DebianAge(null, [.. armor, "--recipient", key, "--output", to, from]),
            _ => Peers.NpmAge(["seal", kind, key, from, to, .. armor]),
        });
    }

    public async Task Open(string kind, string secret, string from, string to)
    {
        // Debian's age makes no file when nothing is in it.
        await File.WriteAllBytesAsync(to, [], TestContext.Current.CancellationToken);
        await ((name, kind) switch
        {
            ("debian", "passphrase") => Peers.DebianAge(secret, "--decrypt", "--output", to, from),
            ("debian", _) => Peers.DebianAge(null, "--decrypt", "--identity", await Written(secret), "--output", to, from),
            _ => Peers.NpmAge("open", kind, secret, from, to),
        });
    }

    private async Task<string> Written(string identity)
    {
        await File.WriteAllTextAsync(folder.File("identity"), identity, TestContext.Current.CancellationToken);
        return folder.File("identity");
    }
}
