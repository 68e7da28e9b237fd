using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>A case code and, sealed to ourselves, the subject it stands for towards one recipient.</summary>
internal sealed class CaseLink
{
    public required CaseCode Code { get; init; }

    public required AgencyId To { get; init; }

    public required byte[] SealedSubject { get; init; }

    /// <summary>The codes of a subject, one towards each agency.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public static async Task<IReadOnlyList<CaseCode>> CodesOfAsync(GatewayDb db, OwnAgency own, string subject, CancellationToken ct)
    {
        var codes = (await db.Cases.AsNoTracking().ToListAsync(ct)).FindAll(c => SelfSealed.OpenText(own.Keys, c.SealedSubject) == subject).ConvertAll(c => c.Code);
        return codes.Count > 0 ? codes : throw new RefusedException(Refusal.NotFound, "--subject: we know nobody by these words. They must be those of the consent.");
    }
}
