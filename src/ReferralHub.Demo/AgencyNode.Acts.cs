using System.Globalization;
using System.Text.Json;

namespace ReferralHub.Demo;

/// <summary>What its people do: one method an act, named as in docs/protocol.md.</summary>
internal sealed partial class AgencyNode
{
    /// <summary>The mailbox of the duty desk.</summary>
    public string Desk => $"desk@{Id}.example";

    /// <summary>The mailbox of the lead.</summary>
    public string LeadMail => $"lead@{Id}.example";

    /// <summary>Has the gateway tell duty desk and lead by mail from now on.</summary>
    public Task TellByMail(int port, CancellationToken ct) => File.WriteAllTextAsync(
        Path.Combine(Data, "alerts.json"),
        $$"""
        {
          "dutyDesk": ["{{Desk}}"], "lead": ["{{LeadMail}}"], "link": "referral-gateway inbox",
          "mail": {"host": "127.0.0.1", "port": {{port}}, "security": "none", "from": "gateway@{{Id}}.example"}
        }
        """,
        ct);

    /// <summary>Exchanges everything with the hub now.</summary>
    public Task Sync(CancellationToken ct) => Ask(ct, "sync");

    /// <summary>Records a consent; returns its id.</summary>
    public async Task<string> RecordConsent(string file, AgencyNode to, CancellationToken ct) =>
        (await Ask(ct, "consent", "record", file, "--to", to.Id, "--by", Worker)).GetProperty("consent").GetString()!;

    /// <summary>Sends a referral; returns its id.</summary>
    public async Task<string> Send(string file, AgencyNode to, string consent, CancellationToken ct) =>
        (await Ask(ct, SendCommand(file, to, consent))).GetProperty("referral").GetString()!;

    /// <summary>Sends a referral again out of the copy; returns the new one's id.</summary>
    public async Task<string> Resend(string referral, CancellationToken ct) =>
        (await Ask(ct, "resend", referral, "--by", Worker, "--yes")).GetProperty("referral").GetString()!;

    /// <summary>Sends a referral that must be refused.</summary>
    public Task<Refused> SendInVain(string file, AgencyNode to, string consent, CancellationToken ct) => AskInVain(ct, SendCommand(file, to, consent));

    /// <summary>Reads the summary.</summary>
    public Task<JsonElement> ReadSummary(string referral, CancellationToken ct) => Ask(ct, "summary", referral, "--by", Worker);

    /// <summary>Opens the record.</summary>
    public Task<JsonElement> Open(string referral, CancellationToken ct) => Ask(ct, "open", referral, "--by", Worker);

    /// <summary>Tries to open a record that must not be had yet.</summary>
    public Task<Refused> OpenInVain(string referral, CancellationToken ct) => AskInVain(ct, "open", referral, "--by", Worker);

    /// <summary>Saves an attachment of the record, counted from 1.</summary>
    public Task SaveAttachment(string referral, int number, string file, CancellationToken ct) =>
        Ask(ct, "open", referral, "--attachment", $"{number}", "--out", file, "--by", Worker);

    public Task Acknowledge(string referral, CancellationToken ct) => Ask(ct, "acknowledge", referral, "--by", Worker);

    /// <summary>Asks the sender under seal; no list of processes shows the text.</summary>
    public Task Question(string referral, string text, CancellationToken ct) => Write("ask", referral, text, ct);

    /// <summary>Answers under seal.</summary>
    public Task Answer(string referral, string text, CancellationToken ct) => Write("answer", referral, text, ct);

    /// <summary>Tells of an appointment under seal; when and where are in the text.</summary>
    public async Task Appointment(string referral, string text, DateTimeOffset at, CancellationToken ct) =>
        (await Run(["appointment", referral, "--text", "-", "--at", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), "--by", Worker], text, ct)).Succeeded();

    /// <summary>The text of what the other side wrote last.</summary>
    public async Task<string> ReadLast(string referral, CancellationToken ct) =>
        (await Ask(ct, "read", referral, "--by", Worker)).GetProperty("letters").EnumerateArray().Last().GetProperty("text").GetString()!;

    /// <summary>Says what the agency offers and when it is open.</summary>
    public Task PublishProfile(string file, CancellationToken ct) => Ask(ct, "profile", "set", file, "--by", Worker);

    /// <summary>Says whether it can take somebody now.</summary>
    public Task SetCapacity(string capacity, CancellationToken ct) => Ask(ct, "capacity", "set", capacity, "--by", Worker);

    /// <summary>Says no, and who may be able to.</summary>
    public Task Decline(string referral, string reason, AgencyNode suggested, CancellationToken ct) =>
        Ask(ct, "decline", referral, "--reason", reason, "--suggest", suggested.Id, "--by", Worker);

    /// <summary>Who else could take a referral.</summary>
    public Task<JsonElement> Alternatives(string referral, CancellationToken ct) => Ask(ct, "alternatives", referral, "--by", Worker);

    /// <summary>Sends a referral that came to nothing to another agency; returns the id of the new one.</summary>
    public async Task<string> Resend(string referral, AgencyNode to, CancellationToken ct) =>
        (await Ask(ct, "resend", referral, "--to", to.Id, "--by", Worker, "--yes")).GetProperty("referral").GetString()!;

    public Task Accept(string referral, string expectedBy, CancellationToken ct) =>
        Ask(ct, "accept", referral, "--expected-by", expectedBy, "--by", Worker);

    /// <summary>Completes, with a note that no list of processes shows.</summary>
    public async Task Complete(string referral, string note, CancellationToken ct) =>
        (await Run(["complete", referral, "--outcome", "needs-met", "--note", "-", "--by", Worker], note, ct)).Succeeded();

    /// <summary>Reads the note and closes the loop.</summary>
    public Task<JsonElement> Close(string referral, CancellationToken ct) => Ask(ct, "close", referral, "--by", Worker);

    /// <summary>Takes a referral back.</summary>
    public Task Withdraw(string referral, string reason, CancellationToken ct) => Ask(ct, "withdraw", referral, "--reason", reason, "--by", Worker);

    public Task ConfirmWithdrawal(string referral, CancellationToken ct) => Ask(ct, "confirm-withdrawal", referral, "--by", Worker);

    /// <summary>Takes the evidence of a referral from the hub into a file.</summary>
    public Task ExportEvidence(string referral, string file, CancellationToken ct) => Ask(ct, "evidence", "export", referral, file);

    /// <summary>Takes the sealed record out, as it came: an age file.</summary>
    public Task ExportEnvelope(string referral, string file, CancellationToken ct) =>
        Ask(ct, "envelope", "export", referral, file, "--part", "record", "--by", Worker, "--passphrase-file", PassphraseFile);

    /// <summary>Takes the encryption keys out, under a passphrase that is made for it.</summary>
    public Task ExportKeys(string file, string passphraseFile, CancellationToken ct)
    {
        Secrets.WritePassphrase(passphraseFile);
        return Ask(ct, "keys", "export", file, "--by", Worker, "--export-passphrase-file", passphraseFile, "--passphrase-file", PassphraseFile);
    }

    private async Task Write(string command, string referral, string text, CancellationToken ct) =>
        (await Run([command, referral, "--text", "-", "--by", Worker], text, ct)).Succeeded();

    private string[] SendCommand(string file, AgencyNode to, string consent) =>
        ["send", file, "--to", to.Id, "--consent", consent, "--by", Worker, "--yes"];
}
