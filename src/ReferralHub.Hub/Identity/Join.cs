using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Hub.Identity;

/// <summary>
/// <c>POST /join</c>: the holder of an invitation hands in its enrolment and gets a client certificate. It is pending until
/// the registrars have signed the same enrolment. Spec: docs/protocol.md §6.
/// </summary>
internal static class Join
{
    public static void Map(IEndpointRouteBuilder v1) => v1.MapPost("/join", Handle).WithName("join").WithTags("Directory")
        .WithSummary("Joins with an invitation's token as bearer: an enrolment signed by recovery and signing key, and a certificate request");

    internal static async Task<Results<Created<JoinAnswer>, ProblemHttpResult>> Handle(
        JoinRequest request,
        [FromHeader(Name = "Authorization")] string? authorization,
        HubDb db,
        Agencies agencies,
        CertificateAuthority ca,
        CancellationToken ct)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header) || header is not { Scheme: "Bearer", Parameter: { } token })
            return Refusal.InvitationUnknown.ToProblem();
        // First of all: a stranger costs the hub one read and no signature.
        var known = Invitation.DigestOf(token);
        if (!await db.Set<Invitation>().AnyAsync(i => i.Token == known, ct)) return Refusal.InvitationUnknown.ToProblem();
        if (!CoSigned.TryParse(Encoding.UTF8.GetBytes(request.Enrolment), out var signed)
            || !AgencyEvent.TryReadEnrolment(signed, out var enrolment))
        {
            return Refusal.EnrolmentInvalid.ToProblem();
        }

        var now = db.Clock.GetUtcNow();
        if (enrolment.IssuedAt > now.AddSeconds(Limits.SecondsAhead)) return Refusal.EnrolmentInvalid.ToProblem();
        if (!ca.TryIssueClient(enrolment.Agency, request.Csr, now, out var certificate))
            return Refusal.RequestForCertificateInvalid.ToProblem();

        using (certificate)
        {
            var presented = new Presented(known, request.Digest, signed, enrolment);
            var chain = ca.Chain(certificate);
            var digest = Digest.From(certificate.GetCertHash(HashAlgorithmName.SHA256));
            var (refusal, answer) = await db.Write(write => Use(db, agencies, presented, chain, digest, write), ct);
            return refusal is { } no ? no.ToProblem() : TypedResults.Created((string?)null, new JoinAnswer(answer));
        }
    }

    private static async Task<(Refusal? Refusal, string Answer)> Use(
        HubDb db, Agencies agencies, Presented presented, string chain, Digest certificate, CancellationToken ct)
    {
        var now = await db.EventTime(ct);
        var invitation = await db.Set<Invitation>().SingleOrDefaultAsync(i => i.Token == presented.Token, ct);
        var directory = await agencies.Now(db, ct);
        if (Check(invitation, presented, directory.Entries, now) is { } refusal) return (refusal, "");
        if (invitation!.UsedBy is not null) return (null, invitation.Certificate!);

        var agency = presented.Enrolment.Agency;
        (invitation.UsedBy, invitation.Certificate) = (presented.Request, chain);
        // Until it is admitted an agency may join again with a new invitation; then only the last certificate counts.
        await db.Set<ClientCertificate>().Where(c => c.Agency == agency).ExecuteDeleteAsync(ct);
        db.Add(new ClientCertificate { Sha256 = certificate, Agency = agency });
        await Enrolment.Keep(db, agency, presented.Signed, ct);
        db.Record(new AuditEvent { Event = AuditEventCode.AgencyJoined, At = now, Directory = directory.Head, Agency = agency });
        return (null, chain);
    }

    /// <summary>Why this invitation does not let this enrolment in, or null. A retry passes as the first time did.</summary>
    internal static Refusal? Check(Invitation? invitation, Presented presented, AgencyDirectory directory, DateTimeOffset now)
    {
        if (invitation is null) return Refusal.InvitationUnknown;
        if (invitation.UsedBy is { } request) return request == presented.Request ? null : Refusal.InvitationUsed;
        if (now >= invitation.Expires) return Refusal.InvitationExpired;
        var enrolment = presented.Enrolment;
        if (enrolment.Agency != invitation.Agency || enrolment.Kind != invitation.Kind) return Refusal.EnrolmentInvalid;
        if (directory.Find(enrolment.Agency) is not null) return Refusal.AgencyTaken;
        return directory.HasKeyOf(enrolment) ? Refusal.KeyTaken : null;
    }

    /// <summary>What was handed in.</summary>
    internal sealed record Presented(Digest Token, Digest Request, CoSigned Signed, AgencyEvent Enrolment);
}

/// <param name="Enrolment">The agency event, co-signed by exactly the new recovery and signing keys.</param>
/// <param name="Csr">PKCS #10 request in PEM for an ECDSA P-256 key.</param>
internal sealed record JoinRequest(string Enrolment, string Csr)
{
    internal Digest Digest => Digest.Of(Encoding.UTF8.GetBytes(Enrolment + "\0" + Csr));
}

/// <param name="Certificate">PEM: the agency's certificate, then the CA's.</param>
internal sealed record JoinAnswer(string Certificate);
