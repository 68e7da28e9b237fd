using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Audit;

namespace ReferralHub.Hub.Audit;

/// <summary>Proofs out of the audit log (docs/protocol.md §4.6).</summary>
internal static class AuditLog
{
    /// <summary>The newest published checkpoint.</summary>
    public static async Task<SignedCheckpoint> Checkpoint(HubDb db, HubKeys keys, CancellationToken ct)
    {
        var head = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, ct);
        return SignedCheckpoint.TryOpen(head.Note, keys.SignerOf(head).Key, [keys.Cosigner.Key], out var signed)
            ? signed
            : throw new InvalidOperationException("The stored checkpoint of the audit log is not signed by this hub's keys.");
    }

    /// <summary>Proves the leaf at <paramref name="index"/> against <paramref name="checkpoint"/>, which covers it.</summary>
    public static TlogProof Prove(HubDb db, SignedCheckpoint checkpoint, long index) =>
        TlogProof.From(index, StoredTile.Tree(db, LogName.Audit, checkpoint.Checkpoint.Size).InclusionProof(index), checkpoint);
}

/// <summary>
/// <c>GET /statements/{id}/receipt</c>: a party gets the event about a statement, its opening, and the proof that the log
/// has it. Spec: docs/protocol.md §4.6, §6.
/// </summary>
internal static class GetReceipt
{
    public static void Map(IEndpointRouteBuilder joined) => joined.MapGet("/statements/{id}/receipt", Handle)
        .WithName("receipt").WithTags("Logs").WithSummary("The proof that the audit log has a statement's event");

    internal static async Task<Results<Ok<Receipt>, ProblemHttpResult>> Handle(
        string id, Caller caller, HubDb db, HubKeys keys, CancellationToken ct)
    {
        if (!Digest.TryParse(id, out var statement)) return Refusal.NotFound.ToProblem();

        var record = await db.Set<AuditRecord>().AsNoTracking()
            .Where(r => r.Statement == statement && (r.Agency == caller.Agency || r.Counterpart == caller.Agency))
            .Where(r => r.Code == AuditEventCode.StatementRecorded || r.Code == AuditEventCode.PartReleased)
            .OrderBy(r => r.Id).FirstOrDefaultAsync(ct);
        if (record is null) return (await ErasedRecord.Has(db, statement, ct) ? Refusal.RecordErased : Refusal.NotFound).ToProblem();
        if (record.Index is not { } index) return Refusal.NotLoggedYet.ToProblem();

        return TypedResults.Ok(await Receipt.Of(db, keys, record, index, ct));
    }
}

/// <summary>
/// <c>GET /audit/opening?log=N</c>: the event with which a restored hub opened audit log N; there is none of the first. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class GetOpening
{
    public static void Map(IEndpointRouteBuilder joined) => joined.MapGet("/audit/opening", Handle)
        .WithName("audit-opening").WithTags("Logs").WithSummary("The event with which a restored hub opened its audit log, with its proof");

    internal static async Task<Results<Ok<Receipt>, ProblemHttpResult>> Handle(int log, HubDb db, HubKeys keys, CancellationToken ct)
    {
        // Each log takes over the one before it behind its own first event.
        var index = (long)await db.Set<LogHead>().Where(h => h.Log == LogName.Audit).Select(h => h.Number).SingleAsync(ct) - log;
        return await db.Set<AuditRecord>().AsNoTracking().SingleOrDefaultAsync(r => r.Index == index && r.Code == AuditEventCode.LogOpened, ct) is { } record
            ? TypedResults.Ok(await Receipt.Of(db, keys, record, index, ct))
            : Refusal.NotFound.ToProblem();
    }
}

/// <param name="Event">The audit event's bytes, base64url.</param>
/// <param name="Opening">32 bytes in hexadecimal: opens the leaf to that event.</param>
/// <param name="Index">The leaf's place in the audit log, from 0.</param>
/// <param name="Proof">A c2sp.org/tlog-proof@v1.</param>
internal sealed record Receipt(string Event, string Opening, long Index, string Proof)
{
    public static async Task<Receipt> Of(HubDb db, HubKeys keys, AuditRecord record, long index, CancellationToken ct) => new(
        CanonicalBase64.Url.Encode(record.Event),
        Convert.ToHexStringLower(record.Opening),
        index,
        Encoding.UTF8.GetString(AuditLog.Prove(db, await AuditLog.Checkpoint(db, keys, ct), index).ToArray()));
}
