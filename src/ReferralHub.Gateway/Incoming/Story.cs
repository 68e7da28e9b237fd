using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// What the statements about a referral add up to. Each that sets the state names the one before it, so they are a chain,
/// whatever the order in which they came here. Where one of ours that waits and one that took effect both follow the same,
/// ours has lost: the hub will refuse it. Spec: docs/protocol.md §3.2, §3.4.
/// </summary>
internal static class Story
{
    /// <summary>Where the referral stood after a statement that set its state.</summary>
    /// <param name="Statement">Id of the statement.</param>
    /// <param name="Position">Where it stood.</param>
    /// <param name="IsEffective">Whether the hub has taken it.</param>
    internal sealed record Step(Digest Statement, HandoffPosition Position, bool IsEffective);

    /// <summary>The chain from the referral itself to where it stands now.</summary>
    public static IReadOnlyList<Step> Tell(KeptReferral referral, IEnumerable<KeptStatement> kept)
    {
        var moves = kept.Where(s => s.Fate != Fate.Refused)
            .Select(s => (Kept: s, Said: s.Read().Statement))
            .Where(m => m.Said.Does is { } act && Handoff.SetsState(act))
            .OrderBy(m => m.Kept.Fate == Fate.Waiting)
            .ToLookup(m => m.Said.Follows!.Value);
        var steps = new List<Step> { new(referral.Statement, Handoff.Start, IsEffective: true) };
        while (moves[steps[^1].Statement].Select(m => Next(referral, steps[^1], m.Kept, m.Said)).FirstOrDefault(step => step is not null) is { } step)
            steps.Add(step);
        return steps;
    }

    /// <summary>Tells where a referral stands anew, after something was kept, took effect or was refused.</summary>
    /// <param name="db">Inside a transaction; what it has not saved yet counts.</param>
    /// <param name="referral">Tracked; changed.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<IReadOnlyList<Step>> RetellAsync(GatewayDb db, KeptReferral referral, CancellationToken ct)
    {
        await db.Statements.Where(s => s.Referral == referral.Id).LoadAsync(ct);
        var kept = db.Statements.Local.Where(s => s.Referral == referral.Id).ToList();
        var steps = Tell(referral, kept);
        ((referral.State, referral.Withdrawing), referral.Current) = (steps[^1].Position, steps[^1].Statement);
        referral.Seen = steps.Last(step => step.IsEffective).Statement;
        referral.Urgency = kept.Where(s => s.Fate != Fate.Refused)
            // What is not saved yet has no order: it is the last.
            .OrderBy(s => s.Order == 0 ? long.MaxValue : s.Order)
            .Select(s => (s.Read().Statement as SenderAct)?.Urgency)
            .LastOrDefault(urgency => urgency is not null) ?? ((Referral)kept.Single(s => s.Id == referral.Statement).Read().Statement).Urgency;
        return steps;
    }

    private static Step? Next(KeptReferral referral, Step from, KeptStatement kept, Statement said) =>
        Handoff.Next(from.Position, referral.PartyOf(said.Issuer), said.Does!.Value) is { } to
            ? new(kept.Id, to, kept.Fate == Fate.Effective)
            : null;
}
