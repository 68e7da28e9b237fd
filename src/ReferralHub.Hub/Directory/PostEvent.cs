using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Audit;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Hub.Directory;

/// <summary>
/// <c>POST /directory/events</c>: an agency changes its own keys. Whether it may, the replay decides that every gateway will
/// make; what registrars must sign for comes in by the operator's hand. Spec: docs/protocol.md §4.2, §6.
/// </summary>
internal static class PostEvent
{
    public static void Map(IEndpointRouteBuilder joined) => joined.MapPost("/directory/events", Handle).WithName("directory-event").WithTags("Directory")
        .WithSummary("Changes the keys of the agency that asks, by an event with its signatures");

    internal static async Task<Results<Created<DirectoryAnswer>, ProblemHttpResult>> Handle(
        DirectoryEventRequest request, Caller caller, HubDb db, HubKeys keys, Agencies agencies, CancellationToken ct)
    {
        if (!CoSigned.TryParse(Encoding.UTF8.GetBytes(request.Event), out var signed) || !AgencyChange.TryRead(signed, out var change))
            return Refusal.Malformed.ToProblem();
        if (change.Agency != caller.Agency || AgencyChange.IsRegistrars(change.Event) || change.Event == AgencyChangeCode.Recover)
            return await db.Refuse(caller.Agency, Refusal.EventForbidden, null, ct);

        var (refusal, directory) = await db.Write(write => Admission.Change(db, keys, agencies, signed, change, write), ct);
        return refusal is { } no ? await db.Refuse(caller.Agency, no, null, ct) : TypedResults.Created((string?)null, new DirectoryAnswer(directory.Head.Size));
    }
}

/// <param name="Event">The entry as docs/protocol.md §4.2 spells it, with the agency's signatures.</param>
internal sealed record DirectoryEventRequest(string Event);

/// <param name="Size">Entries that the directory has now.</param>
internal sealed record DirectoryAnswer(long Size);
