using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// The recipient's half of the consent check, which needs the content: whether the summary brings what its referral rests on,
/// whether those who agreed suffice at this age, and whether the exact categories were agreed to. At delivery and at every
/// opening. Spec: docs/protocol.md §2.5, §3.5.
/// </summary>
internal sealed class ContentChecks(Envelopes envelopes, PartFiles files, FollowDirectory directory, TimeProvider clock)
{
    /// <summary>What is wrong with the content of a verified part, as a code; null when nothing is.</summary>
    /// <param name="db">For reading.</param>
    /// <param name="referral">The referral, one that we received.</param>
    /// <param name="part">Which part.</param>
    /// <param name="opened">That part, verified.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<string?> FaultAsync(GatewayDb db, KeptReferral referral, Part part, OpenedEnvelope opened, CancellationToken ct)
    {
        if (part is Part.Summary) return await SummaryFaultAsync(db, referral, opened, [], ct);
        if (part is not Part.Record) return null;

        var summary = await db.Parts.AsNoTracking().SingleAsync(p => p.Referral == referral.Id && p.Part == Part.Summary, ct);
        await using var file = files.Open(summary.Sha256);
        if (!envelopes.TryOpen(file, await envelopes.ExpectAsync(db, referral, summary, ct), out var beside, out var fault)) return fault;
        using (beside) return await SummaryFaultAsync(db, referral, beside, opened.Statement.Categories, ct);
    }

    private async Task<string?> SummaryFaultAsync(
        GatewayDb db, KeptReferral referral, OpenedEnvelope summary, IReadOnlyList<Category> categories, CancellationToken ct)
    {
        // Without a policy in force the other half of the check refuses.
        var policy = await Agreements.FindPolicyAsync(db, directory.Current, referral.Sender, referral.Recipient, clock.GetUtcNow(), ct);
        var read = Envelopes.ReadSummary(summary);
        if (policy is not null && ContentCheck.Against(policy, referral.Basis, read) is [var against, ..]) return Code.Text(against);
        if (referral.Basis is not Basis.Consent)
        {
            if (Envelopes.ReadBasis(summary) is not { } detail) return "basis-detail-missing";
            return categories.All(detail.Categories.Contains) ? null : Code.Text(ContentReason.CategoryNotAgreed);
        }

        var kept = await db.Consents.AsNoTracking().SingleAsync(c => c.Id == referral.Consent, ct);
        var consent = (Consent)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == kept.Statement, ct)).Read().Statement;
        if (Envelopes.ReadConsent(summary, consent.Detail) is not { } agreed) return "consent-detail-differs";
        if (policy is null) return null;
        var reasons = ContentCheck.Against(policy, agreed, read.AgeBand, categories);
        return reasons.Count == 0 ? null : Code.Text(reasons[0]);
    }
}
