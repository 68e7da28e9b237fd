using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Hub.Identity;

/// <summary>
/// <c>POST /recover</c>: an agency that has lost its keys comes back by the recovery key alone. The event names the TLS key
/// that gets the certificate, and follows the agency's last one in the directory, so neither it nor the request is of use to
/// anybody else or again. All certificates from before end. Spec: docs/protocol.md §6.
/// </summary>
internal static class Recover
{
    public static void Map(IEndpointRouteBuilder v1) => v1.MapPost("/recover", Handle).WithName("recover").WithTags("Directory")
        .WithSummary("Brings back an agency that has lost its keys: a recover event signed by its recovery key and its new signing key, and a certificate request");

    internal static async Task<Results<Created<JoinAnswer>, ProblemHttpResult>> Handle(
        RecoverRequest request, HubDb db, HubKeys keys, Agencies agencies, CertificateAuthority ca, CancellationToken ct)
    {
        if (!CoSigned.TryParse(Encoding.UTF8.GetBytes(request.Recovery), out var signed)
            || !AgencyChange.TryRead(signed, out var change) || change.Event != AgencyChangeCode.Recover)
        {
            return Refusal.RecoveryInvalid.ToProblem();
        }

        // First of all: a stranger costs the hub one read and one signature.
        if ((await agencies.Now(db, ct)).Entries.Find(change.Agency) is not { } agency || !signed.IsSignedBy(agency.Recovery))
            return Refusal.RecoveryInvalid.ToProblem();
        if (!ca.TryIssueClient(change.Agency, request.Csr, db.Clock.GetUtcNow(), out var certificate))
            return Refusal.RequestForCertificateInvalid.ToProblem();

        using (certificate)
        {
            if (Digest.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo()) != change.Tls) return Refusal.RecoveryInvalid.ToProblem();
            var chain = ca.Chain(certificate);
            var (refusal, answer) = await db.Write(write => Use(db, keys, agencies, signed, change, chain, certificate, write), ct);
            return refusal is { } no ? await db.Refuse(change.Agency, no, null, ct) : TypedResults.Created((string?)null, new JoinAnswer(answer));
        }
    }

    private static async Task<(Refusal? Refusal, string Answer)> Use(
        HubDb db, HubKeys keys, Agencies agencies, CoSigned signed, AgencyChange change, string chain, X509Certificate2 certificate, CancellationToken ct)
    {
        var digest = signed.PayloadDigest;
        if (await db.Set<Recovered>().SingleOrDefaultAsync(r => r.Event == digest, ct) is { } before) return (null, before.Certificate);
        var (refusal, directory) = await Admission.Change(db, keys, agencies, signed, change, ct);
        if (refusal is not null) return (refusal, "");

        await db.Set<ClientCertificate>().Where(c => c.Agency == change.Agency).ExecuteDeleteAsync(ct);
        db.Add(new ClientCertificate { Sha256 = Digest.From(certificate.GetCertHash(HashAlgorithmName.SHA256)), Agency = change.Agency });
        db.Add(new Recovered { Event = digest, Certificate = chain });
        db.Record(new AuditEvent { Event = AuditEventCode.AgencyRecovered, At = await db.EventTime(ct), Directory = directory.Head, Agency = change.Agency });
        return (null, chain);
    }
}

/// <param name="Recovery">The recover event, co-signed by exactly the recovery key and the new signing key.</param>
/// <param name="Csr">PKCS #10 request in PEM for the ECDSA P-256 key that the event names.</param>
internal sealed record RecoverRequest(string Recovery, string Csr);

/// <summary>The answer to a recovery: the same request again gets the same one.</summary>
internal sealed class Recovered
{
    /// <summary>Payload digest of the event.</summary>
    public required Digest Event { get; init; }

    /// <summary>The certificate chain in PEM.</summary>
    public required string Certificate { get; init; }

    internal sealed class Table : IEntityTypeConfiguration<Recovered>
    {
        public void Configure(EntityTypeBuilder<Recovered> builder) => builder.ToTable("recoveries").HasKey(r => r.Event);
    }
}
