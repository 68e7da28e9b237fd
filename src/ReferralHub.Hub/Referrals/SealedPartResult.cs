using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using ReferralHub.Hub.Parts;

namespace ReferralHub.Hub.Referrals;

/// <summary>Answers with a sealed part: piece by piece, in constant memory, in no transaction.</summary>
internal sealed class SealedPartResult(HubDb db, SealedPart part) : IResult, IEndpointMetadataProvider
{
    private const string ContentType = "application/octet-stream";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = ContentType;
        response.ContentLength = part.Size;
        response.Headers.CacheControl = "no-store";
        await foreach (var piece in SealedParts.Read(db, part, ct)) await response.Body.WriteAsync(piece, ct);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(byte[]), [ContentType]));
}
