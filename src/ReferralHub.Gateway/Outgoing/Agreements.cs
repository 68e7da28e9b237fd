using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>The agreements with other agencies, and what the consent check needs of them.</summary>
internal static class Agreements
{
    /// <summary>Asks the consent check, with what this gateway knows. Spec: docs/protocol.md §3.5.</summary>
    /// <param name="db">For reading.</param>
    /// <param name="directory">The directory as we have it.</param>
    /// <param name="referral">What is to go, or came.</param>
    /// <param name="id">Id of that statement; null while it is not signed.</param>
    /// <param name="now">Now.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="approver">Of a referral that is not signed yet: who stands behind it as the second person.</param>
    public static async Task<ConsentDecision> DecideAsync(
        GatewayDb db, AgencyDirectory directory, Referral referral, Digest? id, DateTimeOffset now, CancellationToken ct, Approval? approver = null)
    {
        var agreement = await FindAsync(db, referral.Issuer, referral.To, now, ct);
        var consent = await db.Consents.AsNoTracking().SingleOrDefaultAsync(c => c.Id == referral.Consent, ct);
        var approvals = id is null ? [] : await db.Statements.AsNoTracking().Where(s => s.Approves == id && s.Fate != Fate.Refused).ToListAsync(ct);
        return ConsentCheck.Decide(new ConsentQuestion(
            referral,
            consent is null ? null : await ReadAsync<Consent>(db, consent.Statement, ct),
            agreement,
            agreement is null ? null : directory.FindPolicy(agreement.Policy, directory.Size),
            directory.IsActive(referral.Issuer, directory.Size) && directory.IsActive(referral.To, directory.Size),
            now)
        {
            Revocation = consent?.Revocation is { } revoked ? await ReadAsync<ConsentRevocation>(db, revoked, ct) : null,
            Approvals = [.. approvals.Select(a => (Approval)a.Read().Statement), .. approver is null ? Array.Empty<Approval>() : [approver]],
        });
    }

    /// <summary>The policy under which one agency sends to another now, or null.</summary>
    public static async Task<JurisdictionPolicy?> FindPolicyAsync(
        GatewayDb db, AgencyDirectory directory, AgencyId from, AgencyId to, DateTimeOffset now, CancellationToken ct) =>
        await FindAsync(db, from, to, now, ct) is { } agreement ? directory.FindPolicy(agreement.Policy, directory.Size) : null;

    /// <summary>How long both have about what one sends the other now: the agreement's times, else the policy's. Spec: docs/protocol.md §3.7.</summary>
    public static async Task<ClockTable> ClocksAsync(
        GatewayDb db, AgencyDirectory directory, AgencyId from, AgencyId to, DateTimeOffset now, CancellationToken ct)
    {
        var agreement = await FindAsync(db, from, to, now, ct);
        return agreement?.Clocks ?? (agreement is null ? null : directory.FindPolicy(agreement.Policy, directory.Size)?.Clocks) ?? ClockTable.Default;
    }

    private static async Task<T> ReadAsync<T>(GatewayDb db, Digest statement, CancellationToken ct)
        where T : Statement => (T)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == statement, ct)).Read().Statement;

    /// <summary>A side that is kept, with the statement behind it.</summary>
    public static async Task<KeptStatement?> FindSideAsync(GatewayDb db, Guid agreement, AgencyId issuer, CancellationToken ct) =>
        await db.Agreements.Where(a => a.AgreementId == agreement && a.Issuer == issuer)
            .Join(db.Statements, a => a.Statement, s => s.Id, (_, s) => s).SingleOrDefaultAsync(ct);

    /// <summary>The other side's offer to us, or null.</summary>
    public static async Task<KeptStatement?> FindProposalToAsync(GatewayDb db, Guid agreement, AgencyId us, CancellationToken ct) =>
        await db.Agreements.Where(a => a.AgreementId == agreement && a.To == us && !a.IsAcceptance)
            .Join(db.Statements, a => a.Statement, s => s.Id, (_, s) => s).SingleOrDefaultAsync(ct);

    /// <summary>Keeps one side of an agreement; the second side only when it repeats the first term for term.</summary>
    public static async Task<bool> TryKeepAsync(GatewayDb db, SignedStatement signed, CancellationToken ct)
    {
        var agreement = (Agreement)signed.Statement;
        if (agreement.Accepts is not null
            && (await FindSideAsync(db, agreement.AgreementId, agreement.To, ct) is not { } other
                || !agreement.IsAcceptanceOf((Agreement)other.Read().Statement, other.Id)))
        {
            return false;
        }

        if (await db.Agreements.AnyAsync(a => a.AgreementId == agreement.AgreementId && a.Issuer == agreement.Issuer, ct)) return false;
        db.Agreements.Add(new AgreementSide
        {
            AgreementId = agreement.AgreementId,
            Issuer = agreement.Issuer,
            To = agreement.To,
            Statement = signed.Id,
            IsAcceptance = agreement.Accepts is not null,
        });
        return true;
    }

    /// <summary>The agencies that an agreement lets us send to at this time.</summary>
    public static async Task<IReadOnlySet<AgencyId>> ReachableAsync(GatewayDb db, AgencyId us, DateTimeOffset now, CancellationToken ct)
    {
        var acceptances = await db.Agreements.Where(a => a.IsAcceptance)
            .Join(db.Statements.Where(s => s.Fate == Fate.Effective), a => a.Statement, s => s.Id, (_, s) => s).AsNoTracking().ToListAsync(ct);
        return acceptances.Select(s => (Agreement)s.Read().Statement)
            .SelectMany(a => a.Routes.Where(r => r.From == us && a.Routed(us, r.To, now)).Select(r => r.To)).ToHashSet();
    }

    // The one accepted last, of those that have the route at this time.
    private static async Task<Agreement?> FindAsync(GatewayDb db, AgencyId from, AgencyId to, DateTimeOffset now, CancellationToken ct)
    {
        var acceptances = await db.Agreements
            .Where(a => a.IsAcceptance && ((a.Issuer == from && a.To == to) || (a.Issuer == to && a.To == from)))
            .Join(db.Statements.Where(s => s.Fate == Fate.Effective), a => a.Statement, s => s.Id, (_, s) => s)
            .OrderByDescending(s => s.Order).AsNoTracking().ToListAsync(ct);
        return acceptances.Select(s => (Agreement)s.Read().Statement).FirstOrDefault(a => a.Routed(from, to, now));
    }
}
