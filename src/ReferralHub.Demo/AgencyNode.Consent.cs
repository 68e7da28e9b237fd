using System.Text.Json;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo;

/// <summary>What takes a second person, and what becomes of a consent that is taken back.</summary>
internal sealed partial class AgencyNode
{
    /// <summary>Adds a person who signs in with a secret of their own.</summary>
    public async Task<Signer> HireSigner(string person, CancellationToken ct)
    {
        var handle = (await Ask(ct, "people", "add", person)).GetProperty("handle").GetString()!;
        var file = $"{Data}.{handle}.secret";
        Secrets.WritePassphrase(file);
        await Ask(ct, "people", "secret", handle, "--new-secret-file", file);
        return new(handle, file);
    }

    /// <summary>Writes a referral that goes without consent; it waits for a second person. Returns the draft's id.</summary>
    public Task<string> Draft(string file, AgencyNode to, Signer by, CancellationToken ct) =>
        AskForSecond(ct, "send", file, "--to", to.Id, "--by", by.Handle, "--yes", "--secret-file", by.SecretFile);

    /// <summary>Asks that nothing of a referral is erased; it waits for a second person. Returns the draft's id.</summary>
    public Task<string> DraftHold(string referral, Signer by, CancellationToken ct) =>
        AskForSecond(ct, "legal-hold", "place", referral, "--by", by.Handle, "--secret-file", by.SecretFile);

    public Task Approve(string draft, Signer by, CancellationToken ct) => Ask(ct, "approve", draft, "--as", by.Handle, "--secret-file", by.SecretFile);

    /// <summary>Tries to approve what one may not.</summary>
    public Task<Refused> ApproveInVain(string draft, Signer by, CancellationToken ct) =>
        AskInVain(ct, "approve", draft, "--as", by.Handle, "--secret-file", by.SecretFile);

    public Task RevokeConsent(string consent, CancellationToken ct) => Ask(ct, "consent", "revoke", consent, "--by", Worker);

    /// <summary>Exchanges with the hub, which raises this alarm and no other; the lead looks and lets it rest.</summary>
    public async Task SyncAlarmed(string code, CancellationToken ct)
    {
        await Run(["sync"], input: "", ct);
        var shown = await Run(["alarms", "--by", Lead], input: "", ct);
        var alarms = JsonElement.Parse(shown.Output).GetProperty("alarms").EnumerateArray().ToList();
        if (alarms is not [var alarm] || alarm.GetProperty("code").GetString() != code)
            throw new ProcessFailedException($"{id} should be alarmed: {code}", shown.Output.Split('\n'));
        await Ask(ct, "alarms", "clear", $"{alarm.GetProperty("id").GetInt64()}", "--by", Lead, "--reason", "SYNTHETIC: seen");
    }

    /// <summary>The lead erases what was received, and says so.</summary>
    public async Task<int> Erase(string referral, CancellationToken ct) => (await Ask(ct, "erase", referral, "--by", Lead)).GetProperty("parts").GetInt32();

    /// <summary>The lead says why it is kept.</summary>
    public Task Keep(string referral, string ground, CancellationToken ct) => Ask(ct, "keep", referral, "--ground", ground, "--by", Lead);

    /// <summary>What the child may see: one line for each agency that was told.</summary>
    public async Task<IReadOnlyList<JsonElement>> Account(string subject, CancellationToken ct) =>
        [.. (await Ask(ct, "account", "--subject", subject, "--by", Worker)).GetProperty("disclosures").EnumerateArray()];

    private async Task<string> AskForSecond(CancellationToken ct, params IEnumerable<string> command)
    {
        var finished = await Run(command, input: "", ct);
        if (finished.ExitCode != Waiting) throw new ProcessFailedException($"{id} has no draft", (finished.Output + finished.Error).Split('\n'));
        return JsonElement.Parse(finished.Output).GetProperty("draft").GetString()!;
    }
}

/// <summary>A person who signs in.</summary>
internal sealed record Signer(string Handle, string SecretFile);
