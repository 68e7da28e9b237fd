using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Restoring;

/// <summary>
/// What a hub does with a request while it gathers: it answers that it does, unless the request belongs to gathering. A client
/// certificate that it gave out after the backup is bound again: only its CA can have made it.
/// </summary>
internal static class KnowCallers
{
    // Certificates begin this much before they are made.
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    private static readonly string[] Open = ["/v1/restoration", "/v1/genesis", "/v1/parts", "/health/live"];

    public static async Task Handle(HttpContext http, RequestDelegate next)
    {
        var services = http.RequestServices;
        var db = services.GetRequiredService<HubDb>();
        if (!Open.Any(path => http.Request.Path.StartsWithSegments(path, StringComparison.Ordinal)))
        {
            await Refusal.HubRestoring.ToProblem().ExecuteAsync(http);
            return;
        }

        if (http.Connection.ClientCertificate is { } certificate && await Restoration.Gathering(db, http.RequestAborted) is { } restoration)
            await Bind(db, await services.GetRequiredService<Agencies>().Now(db, http.RequestAborted), restoration, certificate, http.RequestAborted);
        await next(http);
    }

    internal static async Task Bind(HubDb db, DirectoryNow directory, Restoration restoration, X509Certificate2 certificate, CancellationToken ct)
    {
        var digest = Digest.From(certificate.GetCertHash(HashAlgorithmName.SHA256));
        if (certificate.NotBefore.ToUniversalTime() + Skew < restoration.Backup.UtcDateTime - TimeSpan.FromMinutes(1)
            || !AgencyId.TryParse(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false), out var agency)
            || directory.Entries.Find(agency) is null
            || await db.Set<ClientCertificate>().AnyAsync(c => c.Sha256 == digest, ct)
            || (await RecoveredTo(db, restoration, agency, ct) is { } key && key != Digest.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo())))
        {
            return;
        }

        await db.Write(
            async write =>
            {
                if (!await db.Set<ClientCertificate>().AnyAsync(c => c.Sha256 == digest, write)) db.Add(new ClientCertificate { Sha256 = digest, Agency = agency });
            },
            ct);
    }

    // The TLS key that the agency named when it recovered after the backup: all others have ended.
    private static async Task<Digest?> RecoveredTo(HubDb db, Restoration restoration, AgencyId agency, CancellationToken ct)
    {
        Digest? key = null;
        foreach (var entry in await db.Set<DirectoryEntry>().AsNoTracking().Where(e => e.Index >= restoration.Directory).OrderBy(e => e.Index).Select(e => e.Bytes).ToListAsync(ct))
        {
            if (CoSigned.TryParse(entry, out var signed) && AgencyChange.TryRead(signed, out var change) && change.Agency == agency && change.Event == AgencyChangeCode.Recover)
                key = change.Tls;
        }

        return key;
    }
}
