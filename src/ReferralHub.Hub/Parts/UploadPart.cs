using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Parts;

/// <summary>
/// <c>PUT</c> and <c>HEAD /parts/{sha256}</c>: an agency uploads a sealed part, in one piece or in several. While bytes
/// arrive there is neither a transaction nor a writer's turn, however slow they are. Spec: docs/protocol.md §6.
/// </summary>
internal static class UploadPart
{
    private const string UploadOffset = "Upload-Offset";

    public static void Map(IEndpointRouteBuilder active)
    {
        active.MapPut("/parts/{sha256}", Handle).WithName("upload-part").WithTags("Parts")
            .WithSummary("Uploads a sealed part; Content-Range continues an upload")
            .Accepts<byte[]>("application/octet-stream")
            .Produces(StatusCodes.Status202Accepted).Produces(StatusCodes.Status204NoContent);
        active.MapMethods("/parts/{sha256}", [HttpMethods.Head], Held).WithName("held-part").WithTags("Parts")
            .WithSummary("How much of a part the hub holds: Upload-Offset")
            .Produces(StatusCodes.Status204NoContent);
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> Held(
        string sha256, Caller caller, HttpContext http, HubDb db, Uploads uploads, CancellationToken ct)
    {
        if (!Digest.TryParse(sha256, out var digest)) return Refusal.NotFound.ToProblem();
        var held = await SealedParts.SizeOf(db, caller.Agency, digest, ct) ?? uploads.HeldOf(caller.Agency, digest);
        if (held == 0) return Refusal.NotFound.ToProblem();
        http.Response.Headers[UploadOffset] = Text(held);
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, Accepted, ProblemHttpResult>> Handle(
        string sha256, Caller caller, HttpContext http, HubDb db, Uploads uploads, CancellationToken ct)
    {
        if (!Digest.TryParse(sha256, out var digest)) return Refusal.NotFound.ToProblem();
        if (await SealedParts.SizeOf(db, caller.Agency, digest, ct) is not null) return TypedResults.NoContent();
        if (await SealedParts.IsErased(db, caller.Agency, digest, ct)) return Refusal.PartErased.ToProblem();
        if (!TryReadRange(http.Request, out var from, out var to, out var total)) return Refusal.Malformed.ToProblem();
        if (total > Limits.PartBytes) return Refusal.TooLarge.ToProblem();

        var stored = await SealedParts.Unclaimed(db, caller.Agency, ct);
        if (uploads.TryOpen(caller.Agency, digest, total, stored, out var held) is { } full) return full.ToProblem();
        using var spool = held!;
        if (from > spool.Length)
        {
            http.Response.Headers[UploadOffset] = Text(spool.Length);
            return Refusal.WrongOffset.ToProblem();
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = to - from + 1;
        if (!await spool.Append(http.Request.BodyReader, from, to - from + 1, ct)) return Refusal.Malformed.ToProblem();
        if (spool.Length < total)
        {
            http.Response.Headers[UploadOffset] = Text(spool.Length);
            return TypedResults.Accepted((string?)null);
        }

        if (await Finish(db, caller.Agency, digest, spool, ct) is { } refusal) return refusal.ToProblem();
        return TypedResults.NoContent();
    }

    /// <summary>Why the upload is no part, or null once it is stored. Either way it is over.</summary>
    private static async Task<Refusal?> Finish(HubDb db, AgencyId owner, Digest digest, Spool spool, CancellationToken ct)
    {
        Refusal? refusal = !await spool.Has(digest, ct) ? Refusal.WrongDigest : !await spool.IsSealed(ct) ? Refusal.NotSealed : null;
        if (refusal is null) await SealedParts.Store(db, owner, digest, spool, ct);
        spool.End();
        return refusal;
    }

    // Without Content-Range the body is the whole part.
    private static bool TryReadRange(HttpRequest request, out long from, out long to, out long total)
    {
        (from, to, total) = (0, (request.ContentLength ?? 0) - 1, request.ContentLength ?? 0);
        if (request.Headers.ContentRange is [var text])
        {
            if (!ContentRangeHeaderValue.TryParse(text, out var range)
                || range is not { Unit: "bytes", From: { } first, To: { } last, Length: { } length })
            {
                return false;
            }

            (from, to, total) = (first, last, length);
            if (request.ContentLength is { } body && body != to - from + 1) return false;
        }

        return total > 0 && to < total && from <= to;
    }

    private static string Text(long offset) => offset.ToString(CultureInfo.InvariantCulture);
}
