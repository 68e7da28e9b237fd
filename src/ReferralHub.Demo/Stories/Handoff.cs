using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>
/// One referral to the shelter and back, in steps. Each step checks what it is there to show, and throws when it is not so.
/// </summary>
internal sealed class Handoff(AgencyNode sender, Cast cast, Narrator narrator)
{
    private const string Note = "SYNTHETIC: safe place found, follow-up agreed / مكان آمن، تم الاتفاق على المتابعة";

    private const string Question = "SYNTHETIC: is the ground floor needed? / هل يلزم الطابق الأرضي؟";
    private const string Answer = "SYNTHETIC: no / لا";

    private string? _folder;

    /// <summary>The referral's id, once sent.</summary>
    public string Referral { get; private set; } = "";

    /// <summary>The consent it relies on, once recorded.</summary>
    public string Consent { get; private set; } = "";

    /// <summary>Whether a form, a photo and a film go along.</summary>
    public bool WithFiles { get; init; } = true;

    /// <summary>How soon a person must act.</summary>
    public string Urgency { get; init; } = "urgent";

    /// <summary>A word that stands in the form, a name, a place, an attachment and its name, the consent's detail, question, answer and note.</summary>
    public string Remark { get; init; } = "SYNTHETIC";

    /// <summary>Where the sender's papers for it are; of no other handoff, since another may be told at the same time.</summary>
    public string Papers => _folder ??= Directory.CreateDirectory(Path.Combine(cast.Folder, "papers", Guid.CreateVersion7().ToString("N"))).FullName;

    private AgencyNode Shelter => cast.Shelter;

    /// <summary>All steps in their order; those of a question only if <paramref name="withQuestion"/>.</summary>
    public async Task Tell(CancellationToken ct, bool withQuestion = true)
    {
        await RecordConsent(ct);
        await Send(ct);
        await Arrive(ct);
        if (withQuestion) await Clarify(ct);
        await Accept(ct);
        await OpenRecord(ct);
        await Complete(ct);
        await Close(ct);
    }

    public async Task RecordConsent(CancellationToken ct)
    {
        var consent = await Write("consent.json", Stories.Papers.Consent(Now, Remark), ct);
        Consent = await sender.RecordConsent(consent, Shelter, ct);
        narrator.Say($"{sender.Id}: records a consent to share with {Shelter.Id}, all but health ({Consent})");
    }

    public async Task Send(CancellationToken ct)
    {
        if (WithFiles)
        {
            await Attached.Make(Papers, Remark, ct);
            var sizes = string.Join(", ", Attached.Files.Select(file => $"{file} {Size(new FileInfo(Path.Combine(Papers, file)).Length)}"));
            narrator.Say($"{sender.Id}: makes attachments that show nothing: {sizes}");
        }

        var referral = await Write("referral.json", Stories.Papers.Referral(Now, Remark, WithFiles).Replace("\"urgent\"", $"\"{Urgency}\"", StringComparison.Ordinal), ct);
        Referral = await sender.Send(referral, Shelter, Consent, ct);
        narrator.Say($"{sender.Id}: seals and sends referral {Referral}");
    }

    /// <summary>The shelter sees the summary, cannot have the record, and says that somebody has seen it.</summary>
    public async Task Arrive(CancellationToken ct)
    {
        await Shelter.Sync(ct);
        var summary = (await Shelter.ReadSummary(Referral, ct)).GetProperty("summary");
        narrator.Say($"{Shelter.Id}: has the summary: {Shown(summary, "service")}, {Shown(summary, "urgency")}, {Shown(summary, "area")}");
        var refused = await Shelter.OpenInVain(Referral, ct);
        narrator.Say($"{Shelter.Id}: asks for the record before accepting and is refused: {refused}");
        await Shelter.Acknowledge(Referral, ct);
        narrator.Say($"{Shelter.Id}: acknowledges");
    }

    /// <summary>A question and its answer, both under seal: the hub carries them and reads neither.</summary>
    public async Task Clarify(CancellationToken ct)
    {
        await Shelter.Question(Referral, $"{Question}\n{Remark}", ct);
        await sender.Sync(ct);
        await Exact(sender, $"{Question}\n{Remark}", ct);
        await sender.Answer(Referral, $"{Answer}\n{Remark}", ct);
        await Shelter.Sync(ct);
        await Exact(Shelter, $"{Answer}\n{Remark}", ct);
        narrator.Say($"{Shelter.Id}: asks a question and gets its answer, both under seal");
    }

    public async Task Accept(CancellationToken ct)
    {
        await Shelter.Accept(Referral, Now.AddHours(4).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ct);
        narrator.Say($"{Shelter.Id}: accepts; from now on it is responsible");
    }

    public async Task OpenRecord(CancellationToken ct)
    {
        await Shelter.Sync(ct);
        await Shelter.Open(Referral, ct);
        narrator.Say($"{Shelter.Id}: opens the record");
        if (WithFiles) await SaveFiles(ct);
    }

    private async Task SaveFiles(CancellationToken ct)
    {
        var received = Directory.CreateDirectory(Path.Combine(cast.Folder, "received", Referral)).FullName;
        foreach (var (index, name) in Attached.Files.Index())
        {
            var file = Path.Combine(received, name);
            await Shelter.SaveAttachment(Referral, index + 1, file, ct);
            if (await Hash(file, ct) != await Hash(Path.Combine(Papers, name), ct))
                throw new ProcessFailedException($"{file} is not what was sent", []);
        }

        narrator.Say($"{Shelter.Id}: saves {Attached.Files.Count} attachments; each has the SHA-256 of what was sent");
    }

    public async Task Complete(CancellationToken ct)
    {
        await Shelter.Complete(Referral, $"{Note}\n{Remark}", ct);
        narrator.Say($"{Shelter.Id}: completes, with a sealed note");
    }

    public async Task Close(CancellationToken ct)
    {
        await sender.Sync(ct);
        await sender.Close(Referral, ct);
        narrator.Say($"{sender.Id}: reads the note and closes the loop");
    }

    private async Task Exact(AgencyNode reader, string text, CancellationToken ct)
    {
        if (await reader.ReadLast(Referral, ct) != text) throw new ProcessFailedException($"{reader.Id} does not read what was written", []);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static string Size(long bytes) =>
        bytes >= 1 << 20 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB") : $"{bytes / 1024 + 1} KiB";

    private static string Shown(JsonElement summary, string field) => summary.GetProperty(field).GetString()!;

    private static async Task<string> Hash(string file, CancellationToken ct)
    {
        await using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct));
    }

    private async Task<string> Write(string name, string content, CancellationToken ct)
    {
        var file = Path.Combine(Papers, name);
        await File.WriteAllTextAsync(file, content, ct);
        return file;
    }
}
