using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Directory;

/// <summary>
/// <c>POST /recover/directory</c>: who holds an agency's recovery key reads the directory, which it must replay before it can
/// sign a recovery that fits. Spec: docs/protocol.md §6.
/// </summary>
internal static class RecoverDirectory
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder v1) => v1.MapPost("/recover/directory", Handle).WithName("recover-directory").WithTags("Directory")
        .WithSummary("All entries of the directory, for the holder of an agency's recovery key");

    internal static async Task<Results<Ok<DirectoryEntries>, ProblemHttpResult>> Handle(RecoverDirectoryRequest request, HubDb db, Agencies agencies, CancellationToken ct)
    {
        var directory = (await agencies.Now(db, ct)).Entries;
        if (!Jws.TryParse(request.Proof, out var proof) || proof.Typ != RecoveryRequest.Typ
            || !StrictJson.TryRead<RecoveryRequest>(proof.Payload.Span, out var asked)
            || asked.Origin != directory.Genesis.Origin || (db.Clock.GetUtcNow() - asked.IssuedAt).Duration() > Fresh
            || !directory.Agencies.Any(agency => agency.Recovery.Thumbprint == proof.Kid && proof.IsSignedBy(agency.Recovery)))
        {
            return Refusal.RecoveryInvalid.ToProblem();
        }

        var entries = await db.Set<DirectoryEntry>().AsNoTracking().OrderBy(e => e.Index).Select(e => e.Bytes).ToListAsync(ct);
        return TypedResults.Ok(new DirectoryEntries(entries.ConvertAll(System.Text.Encoding.ASCII.GetString)));
    }
}

/// <param name="Proof">A <c>recovery-request+jws</c> with this hub's origin and the time, signed by an agency's recovery key.</param>
internal sealed record RecoverDirectoryRequest(string Proof);

/// <param name="Entries">The entries as docs/protocol.md §4.2 spells them, genesis first.</param>
internal sealed record DirectoryEntries(IReadOnlyList<string> Entries);
