using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub evidence collect --out FOLDER</c>: all that proves the referrals of an agency, of two, of a period, bound
/// together by an index that the hub signs. Spec: docs/protocol.md §5.1.
/// </summary>
internal static class CollectEvidence
{
    private static readonly Option<string[]> Agency = new("--agency") { Description = "A party of every referral; twice for those between two" };
    private static readonly Option<string?> From = new("--from") { Description = "Referrals sent since then: 2026-11-22T23:24:00Z" };
    private static readonly Option<string?> Until = new("--until") { Description = "Referrals sent before then" };
    private static readonly Option<string> Out = new("--out") { Description = "The folder to make", Required = true };

    public static Command Make() => new Command("collect", "Export the evidence about many referrals") { Agency, From, Until, Out }
        .Does((parse, ct) => Shell.Open(parse, (services, db) =>
        {
            var about = new EvidenceIndex
            {
                Agencies = [.. (parse.GetValue(Agency) ?? []).Select(text => Arguments.Agency("--agency", text)).Distinct()],
                From = Arguments.Time("--from", parse.GetValue(From)),
                Until = Arguments.Time("--until", parse.GetValue(Until)),
                Bundles = [],
            };
            return Collect(services, db, about, parse.GetValue(Out)!, ct);
        }));

    private static async Task<Answer> Collect(IServiceProvider services, HubDb db, EvidenceIndex about, string folder, CancellationToken ct)
    {
        if (about.Agencies.Count > 2) throw new SettingsException("--agency", string.Join(' ', about.Agencies), "A referral has two parties: name at most two.");
        if (about.Until <= about.From) throw new SettingsException("--until", WireTime.Text(about.Until.Value), "Give a time after --from.");
        if (Path.Exists(folder)) throw new SettingsException("--out", folder, "It exists: name a new folder.");

        var referrals = await Sent(db, about, ct);
        var evidence = services.GetRequiredService<Evidence>();
        foreach (var referral in referrals)
        {
            if (!await evidence.IsLogged(referral, ct))
                throw new SettingsException("--out", folder, "Events wait for their place in the log: start the server, then try again.");
        }

        System.IO.Directory.CreateDirectory(folder);
        var entries = new List<EvidenceIndexEntry>();
        foreach (var referral in referrals)
        {
            var bundle = await evidence.Export(referral, by: null, ct);
            await using var destination = new FileStream(Path.Combine(folder, EvidenceFolder.Bundle(referral.Id)), FileMode.CreateNew);
            await bundle.WriteToAsync(destination, ct);
            entries.Add(new(referral.Id, bundle.Manifest));
        }

        var genesis = await db.Set<DirectoryEntry>().Where(entry => entry.Index == 0).Select(entry => entry.Bytes).SingleAsync(ct);
        var heads = await db.Set<LogHead>().AsNoTracking().ToDictionaryAsync(head => head.Log, head => head.ToTreeHead(), ct);
        var (index, signature) = EvidenceFolder.Sign(
            about with { Bundles = entries }, (heads[LogName.Directory], heads[LogName.Audit]), services.GetRequiredService<HubKeys>().Statements, db.Clock.GetUtcNow());
        await Write(EvidenceFolder.Genesis, genesis);
        await Write(EvidenceFolder.Index, index);
        await Write(EvidenceFolder.Signature, signature);
        return new(new { folder, bundles = entries.Count }, $"wrote {folder}: {entries.Count} bundles and their index");

        Task Write(string file, byte[] content) => File.WriteAllBytesAsync(Path.Combine(folder, file), content, ct);
    }

    // When a referral was sent is told by the event about its statement, in the order of the log.
    private static async Task<List<ReferralRecord>> Sent(HubDb db, EvidenceIndex about, CancellationToken ct)
    {
        var one = about.Agencies.Count > 0 ? about.Agencies[0] : null;
        var other = about.Agencies.Count > 1 ? about.Agencies[1] : one;
        var sent = await db.Set<ReferralRecord>().AsNoTracking()
            .Where(referral => one == null || referral.Sender == one || referral.Recipient == one)
            .Where(referral => other == null || referral.Sender == other || referral.Recipient == other)
            .Join(db.Set<Audit.AuditRecord>(), referral => referral.Statement, recorded => recorded.Statement, (referral, recorded) => new { referral, recorded })
            .Where(both => both.recorded.Code == Protocol.Audit.AuditEventCode.StatementRecorded)
            .OrderBy(both => both.recorded.Id)
            .ToListAsync(ct);
        return
        [
            .. from both in sent
               let at = both.recorded.Read().At
               where !(at < about.From) && !(at >= about.Until)
               select both.referral,
        ];
    }
}
