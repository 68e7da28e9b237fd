using ReferralHub.Protocol.Statements;

namespace ReferralHub.Protocol.Evidence;

/// <summary>Pairs what the sealing side sent, what the hub handed over, and what both sides opened. Spec: docs/protocol.md §5.</summary>
internal static class DisclosureAccount
{
    /// <summary>The sealed parts, each with the act that sent it.</summary>
    public static IEnumerable<(EvidenceAct Act, SealedPart Sealed)> Parts(IEnumerable<EvidenceAct> acts) =>
        from act in acts
        from part in act.Statement?.Brings ?? []
        select (act, part);

    /// <summary>The account of each part.</summary>
    public static IReadOnlyList<Disclosure> Of(Referral referral, IReadOnlyList<EvidenceAct> acts) =>
        [.. Parts(acts).Select(part => Account(referral, acts, part.Act, part.Sealed))];

    private static Disclosure Account(Referral referral, IReadOnlyList<EvidenceAct> acts, EvidenceAct sent, SealedPart part)
    {
        var from = sent.Statement!.Issuer;
        var to = from == referral.Issuer ? referral.To : referral.Issuer;
        var releases = acts.Where(act => act.Statement is ReleaseRequest request && request.Sha256 == part.Sha256).ToList();
        var accesses = acts.Where(act => act.Statement is Access access && access.Sha256 == part.Sha256).ToList();
        var released = releases.Count == 0 ? long.MaxValue : releases[0].Logged.Index;
        var opened = accesses.FirstOrDefault(act => act.Event.Agency == to)?.Logged.Index;
        var match = opened is null
            ? releases.Count == 0 ? DisclosureMatch.NotReleased : DisclosureMatch.NotOpened
            : opened < released ? DisclosureMatch.OpenedUnreleased : DisclosureMatch.Paired;

        return new(part.Part, part.Sha256, from, to, sent.Event.At, [.. releases.Select(Step)], [.. accesses.Select(Step)], match);
    }

    private static DisclosureStep Step(EvidenceAct act) => act.Statement switch
    {
        ReleaseRequest request => new(act.Event.At, request.Issuer, request.By, request.Purpose, null),
        Access access => new(act.Event.At, access.Issuer, access.By, access.Purpose, access.Act),
        _ => throw new InvalidOperationException("Only releases and accesses are steps."),
    };
}
