using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Parts;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Restoring;

/// <summary>
/// <c>POST /v1/restoration</c>: an agency shows a restored hub what it holds: the newest heads, the directory, statements with
/// what proves that the hub had taken them. Kept until the operator opens the new log. Spec: docs/protocol.md §4.7.
/// </summary>
internal static class Gather
{
    public static void Map(IEndpointRouteBuilder active) => active.MapPost("/restoration", Handle).WithName("restoration").WithTags("Restoration")
        .WithSummary("Show a hub that was restored from a backup what the agency holds").WithMetadata(new Room());

    internal static async Task<Results<Ok<RestorationAnswer>, ProblemHttpResult>> Handle(
        RestorationRequest request, Caller caller, HubDb db, HubKeys keys, Agencies agencies, CancellationToken ct)
    {
        if (await Restoration.Gathering(db, ct) is not { } restoration) return Refusal.NotFound.ToProblem();
        if (request.Directory is { } note && !await CompleteDirectory.Run(db, keys, agencies, Bytes(note), [.. (request.Entries ?? []).Select(Bytes)], ct)) return Refusal.Malformed.ToProblem();

        var genesis = (await agencies.Now(db, ct)).Entries.Genesis;
        var (head, number) = ((SignedCheckpoint?)null, 0);
        if (request.Audit is { } audit && (!genesis.TryOpenAuditCheckpoint(Bytes(audit), out head, out number) || number >= restoration.Number))
            return Refusal.Malformed.ToProblem();
        // Who never heard of the former log holds a head of one before it: that has nothing to do with how far the former one had come.
        if (number < restoration.Number - 1) head = null;

        var brought = new List<(HandedIn Row, SignedStatement Signed)>();
        foreach (var one in request.Statements ?? [])
        {
            if (Read(one) is not { } read) return Refusal.Malformed.ToProblem();
            brought.Add(read);
        }

        await db.Write(write => Keep(db, caller, head?.Checkpoint, [.. brought.Select(b => b.Row)], request.Done, write), ct);
        var kept = await db.Set<LogHead>().Where(h => h.Log == LogName.Audit).Select(h => h.Size).SingleAsync(ct);
        return TypedResults.Ok(new RestorationAnswer(kept, await Wanted(db, caller, [.. brought.Select(b => b.Signed)], ct)));
    }

    private static async Task Keep(HubDb db, Caller caller, Checkpoint? head, IReadOnlyList<HandedIn> brought, bool done, CancellationToken ct)
    {
        var here = await db.Set<Attendance>().FindAsync([caller.Agency], ct);
        if (here is null) db.Add(here = new Attendance { Agency = caller.Agency });
        if (head is not null) (here.Size, here.Root) = (head.Size, head.Root);
        here.Done |= done;
        foreach (var row in brought.DistinctBy(row => row.Statement))
        {
            if (await db.Set<HandedIn>().FindAsync([row.Statement], ct) is not { } known)
            {
                db.Add(row);
                continue;
            }

            // Its issuer has the receipt and the other side the event: together they may prove what neither does.
            if (row.Proof is not null || known.Event is null) (known.Event, known.Opening) = (row.Event ?? known.Event, row.Opening ?? known.Opening);
            known.Proof ??= row.Proof;
            known.Receipt ??= row.Receipt;
        }
    }

    // The parts of what it sent that are not here any more; not of what was erased with all its records.
    private static async Task<IReadOnlyList<string>> Wanted(HubDb db, Caller caller, IReadOnlyList<SignedStatement> brought, CancellationToken ct)
    {
        var wanted = new List<string>();
        foreach (var (statement, part) in brought.Where(b => b.Statement.Issuer == caller.Agency).SelectMany(b => b.Statement.Brings.Select(part => (b.Id, part))))
        {
            if (!await ErasedRecord.Has(db, statement, ct) && await SealedParts.SizeOf(db, caller.Agency, part.Sha256, ct) is null && !await SealedParts.IsErased(db, caller.Agency, part.Sha256, ct))
                wanted.Add(part.Sha256.ToString());
        }

        return wanted;
    }

    private static (HandedIn Row, SignedStatement Signed)? Read(RestoredStatement one)
    {
        if (!SignedStatement.TryRead(one.Statement, out var signed)) return null;
        byte[]? happened = null;
        if (one.Event is { } text && !CanonicalBase64.Url.TryDecode(text, out happened)) return null;
        var opening = one.Opening is { } hex && Digest.TryParse(hex, out var read) ? read.ToArray() : null;
        return (new() { Statement = signed.Id, Token = one.Statement, Event = happened, Opening = opening, Receipt = one.Receipt, Proof = one.Proof is { } proof ? Encoding.UTF8.GetBytes(proof) : null }, signed);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private sealed class Room : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => Limits.HandInBytes;
    }
}

/// <param name="Audit">The newest checkpoint of the audit log that the agency holds.</param>
/// <param name="Directory">The newest of the directory.</param>
/// <param name="Entries">With it: the entries up to it that the hub lacks, in order, as docs/protocol.md §4.2 spells them; more from before do not matter.</param>
/// <param name="Statements">What the agency said and was told.</param>
/// <param name="Done">Whether that is all.</param>
internal sealed record RestorationRequest(
    string? Audit = null, string? Directory = null, IReadOnlyList<string>? Entries = null, IReadOnlyList<RestoredStatement>? Statements = null, bool Done = false);

/// <param name="Statement">The token.</param>
/// <param name="Event">The audit event about it, base64url.</param>
/// <param name="Opening">Its opening, 64 hex digits.</param>
/// <param name="Receipt">The hub-receipt for it.</param>
/// <param name="Proof">The c2sp.org/tlog-proof@v1 of the event.</param>
internal sealed record RestoredStatement(string Statement, string? Event = null, string? Opening = null, string? Receipt = null, string? Proof = null);

/// <param name="Kept">Events of the audit log that the backup has: what was proved below need not be shown.</param>
/// <param name="Parts">Digests of sealed parts of the agency's own that the hub lacks: upload them.</param>
internal sealed record RestorationAnswer(long Kept, IReadOnlyList<string> Parts);
