using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Demo;
using ReferralHub.Demo.Mail;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Keys;

namespace ReferralHub.SystemTests.Security;

/// <summary>What others than the two parties' people get to see of a referral, each in a file, by kind in a folder.</summary>
internal sealed class Shown(Cast cast, Mailroom mail, TemporaryFolder folder)
{
    private const string Coordinator = "crd0001";
    private const string Auditor = "aud0001";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>All of it.</summary>
    public string Everything => folder.Path;

    public string Mails => folder.File("mail");

    /// <summary>What each party reads from the hub: statements, events and their openings.</summary>
    public string Feeds => Made("feeds");

    /// <summary>What coordinators, auditors and programmers are shown.</summary>
    public string Views => Made("views");

    private AgencyNode Police => cast.Police;

    private AgencyNode Shelter => cast.Shelter;

    /// <summary>One more referral with a word in all that is sealed, each step of which reaches the desks by mail.</summary>
    /// <returns>The referral, and a file with what the recipient read, outside the folder.</returns>
    public async Task<(string Referral, string Content)> TellByMail(string word, CancellationToken ct)
    {
        AgencyNode[] both = [Police, Shelter];
        foreach (var agency in both) await agency.TellByMail(mail.Port, ct);
        var handoff = new Handoff(Police, cast, Narrator.Silent) { WithFiles = false, Remark = word };
        await handoff.RecordConsent(ct);
        await handoff.Send(ct);
        await Shelter.Sync(ct);
        await Arrived(Shelter, "1 referral to acknowledge.", ct);
        await handoff.Arrive(ct);
        await Shelter.Question(handoff.Referral, word, ct);
        await Police.Sync(ct);
        await Arrived(Police, "1 referral to answer.", ct);
        await Police.Answer(handoff.Referral, word, ct);
        await Shelter.Sync(ct);
        await handoff.Accept(ct);
        await Shelter.Sync(ct);
        var content = Path.Combine(cast.Folder, "opened.json");
        await File.WriteAllTextAsync(content, (await Shelter.Open(handoff.Referral, ct)).GetRawText(), ct);
        await Shelter.Appointment(handoff.Referral, $"SYNTHETIC: at {word} House, first floor", TimeProvider.System.GetUtcNow().AddDays(1), ct);
        await cast.Hub.Ask(ct, "coordinator", "nudge", handoff.Referral, "--as", Coordinator, "--party", "recipient");
        await Shelter.Sync(ct);
        await Arrived(Shelter, "A coordinator asks about 1 referral.", ct);
        await handoff.Complete(ct);
        await Police.Sync(ct);
        await Arrived(Police, "1 referral to close.", ct);
        foreach (var agency in both) File.Delete(Path.Combine(agency.Data, "alerts.json"));
        return (handoff.Referral, content);
    }

    /// <summary>The case code, as only the sender's own people see it.</summary>
    public async Task<string> CaseOf(string referral, CancellationToken ct) =>
        (await Police.Ask(ct, "sent")).GetProperty("referrals").EnumerateArray().Single(one => one.GetProperty("referral").GetString() == referral).GetProperty("case").GetString()!;

    /// <summary>The feed of each party, byte for byte as the hub sends it.</summary>
    public async Task GatherFeeds(CancellationToken ct)
    {
        foreach (var agency in (AgencyNode[])[Police, Shelter])
        {
            using var certificate = await CertificateOf(agency, ct);
            using var handler = new SocketsHttpHandler { SslOptions = { ClientCertificates = [certificate], RemoteCertificateValidationCallback = (_, sent, _, _) => sent is not null } };
            using var http = new HttpClient(handler) { BaseAddress = new Uri(cast.Hub.Url) };
            await using var to = File.Create(Path.Combine(Feeds, agency.Id));
            for (var after = 0L; await http.GetByteArrayAsync($"v1/feed?after={after}&wait=0", ct) is var page && JsonElement.Parse(page).GetProperty("items") is var items && items.GetArrayLength() > 0;)
            {
                await to.WriteAsync(page, ct);
                after = items.EnumerateArray().Last().GetProperty("n").GetInt64();
            }
        }
    }

    /// <summary>The evidence of a referral, as each party and the hub exports it, and of all that the parties had to do with each other; nothing in it is compressed.</summary>
    public async Task GatherEvidence(string referral, CancellationToken ct)
    {
        foreach (var agency in (AgencyNode[])[Police, Shelter]) await agency.ExportEvidence(referral, folder.File($"{agency.Id}.zip"), ct);
        await cast.Hub.Ask(ct, "evidence", referral, "--out", folder.File("hub.zip"));
        await cast.Hub.Ask(ct, "evidence", "collect", "--agency", Police.Id, "--agency", Shelter.Id, "--out", folder.File("collected"));
    }

    /// <summary>Board, reviews and trail in both forms, and the hub's interface.</summary>
    public async Task GatherViews(string referral, CancellationToken ct)
    {
        string[][] commands =
        [
            ["board", "--as", Coordinator], ["coordinator", "reviews", "--as", Coordinator],
            ["trail", "--as", Auditor], ["trail", "--as", Auditor, "--ref", referral], ["trail", "unpaired", "--as", Auditor], ["openapi", Path.Combine(Views, "openapi.json")],
        ];
        foreach (var (number, command) in commands.Index())
        {
            foreach (var form in (string[][])[[], ["--json"]])
            {
                var shown = (await Executable.Hub.Run([.. command, "--data", cast.Hub.Data, .. form], ct)).Succeeded();
                await File.WriteAllTextAsync(Path.Combine(Views, $"{number}-{command[0]}{string.Concat(form)}"), shown, Encoding.UTF8, ct);
            }
        }

        Assert.Contains(referral, await File.ReadAllTextAsync(Path.Combine(Views, "0-board"), ct), StringComparison.Ordinal);
        Assert.Contains(referral, await File.ReadAllTextAsync(Path.Combine(Views, "3-trail--json"), ct), StringComparison.Ordinal);
    }

    private string Made(string name) => Directory.CreateDirectory(folder.File(name)).FullName;

    private async Task Arrived(AgencyNode agency, string sentence, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        while (!mail.Mails(agency.Desk).Any(text => text.Contains(sentence, StringComparison.Ordinal))) await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
    }

    // Its gateway goes on meanwhile: the hub lets in whoever has the key.
    private static async Task<X509Certificate2> CertificateOf(AgencyNode agency, CancellationToken ct)
    {
        var data = new DataFolder(agency.Data);
        await using var db = new GatewayDb(GatewayDb.At(data.Database));
        using var own = OwnAgency.Unlock(data, Encoding.UTF8.GetBytes((await File.ReadAllTextAsync(agency.Data + ".passphrase", ct)).TrimEnd()));
        return own.Certificate((await db.Bindings.AsNoTracking().SingleAsync(ct)).Certificates!);
    }
}
