using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;

namespace ReferralHub.Hub.Identity;

/// <summary>
/// <c>POST /certificate</c>: an agency gets a client certificate for a new key in exchange for the one it presents. That one
/// ends when the new one is first used, so that a lost answer locks nobody out. Spec: docs/protocol.md §6.
/// </summary>
internal static class RenewCertificate
{
    public static void Map(IEndpointRouteBuilder joined) => joined.MapPost("/certificate", Handle).WithName("certificate").WithTags("Directory")
        .WithSummary("Gives the agency that asks a client certificate for a new key");

    internal static async Task<Results<Created<JoinAnswer>, ProblemHttpResult>> Handle(
        CertificateRequested request, HttpContext http, Caller caller, HubDb db, Agencies agencies, CertificateAuthority ca, CancellationToken ct)
    {
        if (!ca.TryIssueClient(caller.Agency, request.Csr, db.Clock.GetUtcNow(), out var certificate))
            return await db.Refuse(caller.Agency, Refusal.RequestForCertificateInvalid, null, ct);

        using (certificate)
        {
            var presented = Digest.From(http.Connection.ClientCertificate!.GetCertHash(HashAlgorithmName.SHA256));
            var issued = Digest.From(certificate.GetCertHash(HashAlgorithmName.SHA256));
            await db.Write(
                async write =>
                {
                    // One that was asked for before and never used is given up.
                    await db.Set<ClientCertificate>().Where(c => c.Agency == caller.Agency && c.Sha256 != presented).ExecuteDeleteAsync(write);
                    db.Add(new ClientCertificate { Sha256 = issued, Agency = caller.Agency, Supersedes = presented });
                    db.Record(new AuditEvent
                    {
                        Event = AuditEventCode.CertificateRenewed,
                        At = await db.EventTime(write),
                        Directory = (await agencies.Now(db, write)).Head,
                        Agency = caller.Agency,
                    });
                },
                ct);
            return TypedResults.Created((string?)null, new JoinAnswer(ca.Chain(certificate)));
        }
    }

    /// <summary>The new certificate was used: the agency has it, and the one before ends.</summary>
    public static Task Settle(HubDb db, Digest used, CancellationToken ct) => db.Write(
        async write =>
        {
            if (await db.Set<ClientCertificate>().SingleOrDefaultAsync(c => c.Sha256 == used, write) is not { } bound) return;
            await db.Set<ClientCertificate>().Where(c => c.Agency == bound.Agency && c.Sha256 != used).ExecuteDeleteAsync(write);
            bound.Supersedes = null;
        },
        ct);
}

/// <param name="Csr">PKCS #10 request in PEM for an ECDSA P-256 key.</param>
internal sealed record CertificateRequested(string Csr);
