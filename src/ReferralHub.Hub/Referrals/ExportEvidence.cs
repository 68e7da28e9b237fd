using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using ReferralHub.Hub.Audit;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// <c>GET /v1/referrals/{ref}/evidence</c>: a party takes all that proves the referral; that it did is an event.
/// Spec: docs/protocol.md §5.
/// </summary>
internal static class ExportEvidence
{
    public static void Map(RouteGroupBuilder referrals) => referrals.MapGet("/{ref}/evidence", Handle)
        .WithName("evidence").WithSummary("All that proves a referral, to be checked offline");

    internal static async Task<Results<EvidenceResult, ProblemHttpResult>> Handle(
        string @ref, Caller caller, HubDb db, Evidence evidence, LogHealth log, CancellationToken ct)
    {
        if (!WireId.TryParse(@ref, out var id)) return Refusal.NotFound.ToProblem();
        // It reads, but it leaves an event.
        if (log.IsBehind) return Refusal.LogBehind.ToProblem();
        if (await ReferralRecord.Find(db, id, caller.Agency, ct) is not { } referral)
            return await db.Refuse(caller.Agency, Refusal.NotFound, id, ct);
        if (!await evidence.IsLogged(referral, ct)) return Refusal.NotLoggedYet.ToProblem();

        return new EvidenceResult(await evidence.Export(referral, caller.Agency, ct));
    }
}

/// <summary>Answers with a bundle.</summary>
internal sealed class EvidenceResult(EvidenceBundle bundle) : IResult, IEndpointMetadataProvider
{
    private const string ContentType = "application/zip";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = ContentType;
        response.ContentLength = bundle.Size;
        response.Headers.CacheControl = "no-store";
        return bundle.WriteToAsync(response.Body, httpContext.RequestAborted);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(byte[]), [ContentType]));
}
