using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Profiles;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>All that proves one referral, out of the database. Spec: docs/protocol.md §5.</summary>
internal sealed class Evidence(HubDb db, HubKeys keys, Agencies agencies)
{
    private const int Looks = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Waits until everything that happened so far with the referral is in the log: a party that has just acted expects to
    /// find its act. False when the log does not get there within 5 s.
    /// </summary>
    public async Task<bool> IsLogged(ReferralRecord referral, CancellationToken ct)
    {
        var last = await db.Set<AuditRecord>().Where(r => r.Referral == referral.Id).MaxAsync(r => r.Id, ct);
        for (var looks = 0; looks < Looks; looks++)
        {
            if (await db.Set<AuditRecord>().AnyAsync(r => r.Id == last && r.Index != null, ct)) return true;
            await Task.Delay(Pause, db.Clock, ct);
        }

        return false;
    }

    /// <summary>Puts the bundle together, signs it, and records that it was taken.</summary>
    /// <param name="referral">What it is about.</param>
    /// <param name="by">Who takes it; null for the operator.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<EvidenceBundle> Export(ReferralRecord referral, AgencyId? by, CancellationToken ct)
    {
        var bundle = EvidenceBundle.Make(await Gather(referral, ct), keys.Statements, db.Clock.GetUtcNow());
        await db.Write(async token =>
        {
            var full = by is { } party && await db.CountEvents(referral.Id, party, token) >= Limits.EventsOfParty;
            db.Record(
                new AuditEvent
                {
                    Event = AuditEventCode.EvidenceExported,
                    At = await db.EventTime(token),
                    Directory = (await agencies.Now(db, token)).Head,
                    Agency = by,
                    Referral = full ? null : referral.Id,
                    Manifest = bundle.Manifest,
                });
        }, ct);
        return bundle;
    }

    /// <summary>What the evidence proves now, without handing it to anybody.</summary>
    public async Task<EvidenceStory> Story(ReferralRecord referral, CancellationToken ct)
    {
        var zip = new MemoryStream();
        await EvidenceBundle.Make(await Gather(referral, ct), keys.Statements, db.Clock.GetUtcNow()).WriteToAsync(zip, ct);
        var report = EvidenceCheck.Run(zip.GetBuffer().AsMemory(0, (int)zip.Length), (await agencies.Now(db, ct)).Entries.Fingerprint);
        return report.Story ?? throw new InvalidDataException($"The evidence of referral {referral.Id} is broken: {report.Finding}");
    }

    // No transaction is held: logs only grow, so what lies below a head that was read first is whole and stays as it is.
    private async Task<EvidenceContents> Gather(ReferralRecord referral, CancellationToken ct)
    {
        var audit = await Checkpoint(LogName.Audit, ct);
        var directory = await Checkpoint(LogName.Directory, ct);
        var entries = await db.Set<DirectoryEntry>().AsNoTracking()
            .Where(e => e.Index < directory.Checkpoint.Size).OrderBy(e => e.Index).Select(e => e.Bytes).ToListAsync(ct);

        var size = audit.Checkpoint.Size;
        IReadOnlyList<Digest> grounds =
        [
            .. await ConsentLedger.Grounds(db, await referral.Read(db, ct), size, ct),
            .. await ProfileLedger.CountedIn(db, referral.Sender, referral.Id, size, ct),
            .. await ProfileLedger.CountedIn(db, referral.Recipient, referral.Id, size, ct),
        ];
        var records = await db.Set<AuditRecord>().AsNoTracking()
            .Where(r => r.Index < size)
            .Where(r => (r.Referral == referral.Id && (r.Agency == null || r.Agency == referral.Sender || r.Agency == referral.Recipient))
                || (r.Code == AuditEventCode.StatementRecorded && grounds.Contains(r.Statement!.Value))
                || r.Id < AuditRecord.FirstId)
            .ToListAsync(ct);
        var tokens = await db.Set<StoredStatement>()
            .Where(s => s.Event.Index < size && (s.Referral == referral.Id || grounds.Contains(s.Id)))
            .Select(s => s.Token).ToListAsync(ct);

        var tree = StoredTile.Tree(db, LogName.Audit, size);
        return new EvidenceContents(
            [.. entries.Select(bytes => (ReadOnlyMemory<byte>)bytes)],
            directory,
            audit,
            [.. records.Select(r => new EvidenceEvent(r.Event, r.Opening, r.Index!.Value, tree.InclusionProof(r.Index.Value)))],
            [.. tokens.Select(StoredStatement.Read)]);
    }

    private async Task<SignedCheckpoint> Checkpoint(LogName log, CancellationToken ct)
    {
        var head = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == log, ct);
        var key = keys.SignerOf(head).Key;
        return SignedCheckpoint.TryOpen(head.Note, key, [keys.Cosigner.Key], out var signed)
            ? signed
            : throw new InvalidDataException($"The stored checkpoint of {key.Name} is not signed by this hub's keys.");
    }
}
