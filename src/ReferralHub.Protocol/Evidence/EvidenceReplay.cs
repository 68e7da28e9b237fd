using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>Does again what the hub says it did: the agreement, every decision, every state, every release.</summary>
internal sealed class EvidenceReplay
{
    private readonly EvidenceLogs _logs;
    private readonly EvidenceActs _acts;
    private readonly Dictionary<long, HandoffPosition?> _positions = [];

    private EvidenceReplay(EvidenceLogs logs, EvidenceActs acts) => (_logs, _acts) = (logs, acts);

    private Referral Referral => _acts.Referral;

    /// <summary>Replays; the story, or the first thing wrong.</summary>
    public static EvidenceFinding? Run(EvidenceLogs logs, EvidenceActs acts, out EvidenceStory? story)
    {
        var replay = new EvidenceReplay(logs, acts);
        var finding = replay.CheckAgreements() ?? replay.First(replay.CheckDecision) ?? replay.CheckStates() ?? EvidenceClocks.Check(replay, acts) ?? replay.First(replay.CheckPart)
            ?? EvidenceCustody.Check(acts);
        story = finding is null ? replay.Tell() : null;
        return finding;
    }

    private EvidenceFinding? First(Func<EvidenceAct, EvidenceFinding?> check) =>
        _acts.All.Select(check).FirstOrDefault(finding => finding is not null);

    private EvidenceFinding? CheckAgreements()
    {
        var proposals = new Dictionary<Digest, (Agreement Agreement, bool Accepted)>();
        foreach (var act in _acts.All)
        {
            if (act.Statement is not Agreement agreement) continue;
            var id = act.Signed!.Id;
            if (agreement.Accepts is not { } accepted)
            {
                proposals.Add(id, (agreement, false));
                continue;
            }

            if (!proposals.TryGetValue(accepted, out var proposal) || !agreement.IsAcceptanceOf(proposal.Agreement, accepted))
                return new(EvidencePath.Statement(id), EvidenceFault.Agreement, "This does not accept an earlier proposal term for term.");
            proposals[accepted] = (proposal.Agreement, true);
        }

        return proposals.Where(proposal => !proposal.Value.Accepted).Select(proposal => proposal.Key).FirstOrDefault() is var open && open != default
            ? new(EvidencePath.Statement(open), EvidenceFault.Agreement, "The other side never accepted this agreement.")
            : null;
    }

    private EvidenceFinding? CheckDecision(EvidenceAct act)
    {
        var guarded = act.Statement is { } statement && ConsentCheck.Guards(statement);
        if (act.Event.Decision is not { } recorded)
            return guarded ? act.Finding(EvidenceFault.Decision, "The consent check must have run here, and no answer is recorded.") : null;

        // The statement that was refused is not here. Was it another referral under this id, nobody can repeat the check; was
        // it an act or a request, the check was asked what it was always asked about this referral.
        if (act.Event is { Event: AuditEventCode.Refused, Kind: StatementKind.Referral }) return null;
        if (!guarded && !IsGuardedRefusal(act.Event))
            return act.Finding(EvidenceFault.Decision, "The consent check does not run here, and an answer is recorded.");

        var decision = ConsentCheck.Decide(QuestionAt(act.Logged));
        if (!recorded.Says(decision))
            return act.Finding(EvidenceFault.Decision, $"The consent check gives another answer: {Spell(decision)}.");
        return guarded && !decision.Permit
            ? act.Finding(EvidenceFault.DecisionRefuses, $"This took effect although the consent check refused: {Spell(decision)}.")
            : null;
    }

    private static bool IsGuardedRefusal(AuditEvent happened) => happened.Event == AuditEventCode.Refused && happened.Kind switch
    {
        StatementKind.Acknowledgement => true,
        StatementKind.ReleaseRequest => happened.Part is { } part && ConsentCheck.Guards(part),
        _ => false,
    };

    internal ConsentQuestion QuestionAt(LoggedEvent logged)
    {
        var earlier = _acts.All.TakeWhile(act => act.Logged.Index < logged.Index).Select(act => act.Statement).OfType<Statement>();
        return ConsentGrounds.QuestionAt(Referral, _acts.ReferralId, earlier, _logs.Directory, logged.Event.Directory.Size, logged.Event.At);
    }

    private EvidenceFinding? CheckStates()
    {
        HandoffPosition? position = null;
        var urgency = Referral.Urgency;
        var set = new List<Digest>();
        foreach (var act in _acts.All)
        {
            if (act.Statement is Statements.Referral)
            {
                position = Handoff.Start;
                set.Add(act.Signed!.Id);
            }
            else if (act.Statement is { Follows: { } after } statement)
            {
                if (position is not { } from) return act.Finding(EvidenceFault.State, "This took effect before the referral was sent.");
                var sets = statement.Does is { } does && Handoff.SetsState(does);
                if (statement.Does is { } done)
                {
                    if (Handoff.Next(from, _acts.PartyOf(statement.Issuer)!.Value, done) is not { } next)
                        return act.Finding(EvidenceFault.State, $"{statement.Issuer} may not state {Code.Text(done)} when it is {Spell(from)}.");
                    if (done == HandoffAct.HandedBack && !IsClosed(Referral.To, act.Event.Directory.Size))
                        return act.Finding(EvidenceFault.State, "The hub gave this back although its recipient was not closed.");
                    if (Untimely(done, urgency, act.Event.At) is { } untimely) return act.Finding(EvidenceFault.State, untimely);
                    position = next;
                    urgency = (statement as SenderAct)?.Urgency ?? urgency;
                }

                if (sets && after != set[^1])
                    return act.Finding(EvidenceFault.After, $"This does not come after statement {set[^1]}, which set the state.");
                if (!set.Contains(after))
                    return act.Finding(EvidenceFault.After, "This comes after a statement that never set a state.");
                if (sets) set.Add(act.Signed!.Id);
            }

            var due = act.Statement is Statements.Referral || act.Event.Act is not null;
            if ((due || act.Event.State is not null) && act.Event.State != position?.State)
                return act.Finding(EvidenceFault.State, $"The state after this is {(position is { } now ? Code.Text(now.State) : "none")}, and the event records another.");
            _positions.Add(act.Logged.Index, position);
        }

        return null;
    }

    private bool IsClosed(AgencyId agency, long size) => _logs.Directory.Find(agency)?.StatusAt(size) == AgencyStatus.Closed;

    private string? Untimely(HandoffAct act, Urgency urgency, DateTimeOffset at) => (act, Handoff.IsTooLate(urgency, Referral.Expires, at)) switch
    {
        (HandoffAct.Accepted, true) => "This was accepted after it had expired.",
        (HandoffAct.Expired, false) => "The hub let this expire before its time, or although it was an emergency.",
        _ => null,
    };

    private EvidenceFinding? CheckPart(EvidenceAct act) => act.Statement switch
    {
        { Concerns: { } named } when Find(act, named.Part, named.Sha256) is null =>
            act.Finding(EvidenceFault.Release, $"Nobody had sealed this {Code.Text(named.Part)}."),
        ReleaseRequest request when !Handoff.MayRelease(StateAt(act)!.Value, _acts.PartyOf(request.Issuer)!.Value, request.Part, Referral.Release) =>
            act.Finding(EvidenceFault.Release, $"The {Code.Text(request.Part)} may not go to {request.Issuer} when it is {Code.Text(StateAt(act)!.Value)}."),
        _ => null,
    };

    private SealedPart? Find(EvidenceAct at, Part part, Digest sha256) => DisclosureAccount.Parts(_acts.All)
        .Where(sealing => sealing.Act.Logged.Index < at.Logged.Index)
        .Select(sealing => sealing.Sealed)
        .FirstOrDefault(found => found.Part == part && found.Sha256 == sha256);

    private EvidenceStory Tell()
    {
        var final = _positions[_acts.All[^1].Logged.Index]!.Value;
        return new(
            _logs.Directory.Genesis.Origin,
            _logs.AuditCheckpoint.Cosignatures[0].Time,
            Referral.ReferralId,
            Referral.Issuer,
            Referral.To,
            final.State,
            final.Withdrawing,
            Responsible(final.State),
            [.. _acts.All.Select(Tell)],
            DisclosureAccount.Of(Referral, _acts.All))
        {
            Restorations = [.. _logs.Seams.Reverse().Select(seam => new Restoration(seam.Event.At, seam.Event.Former!))],
            Conflicts = [.. _logs.Directory.Conflicts.Where(conflict => _acts.PartyOf(conflict.Agency) is not null)],
        };
    }

    private StoryAct Tell(EvidenceAct act) => new(
        act.Logged.Index, act.Event.At, act.Event.Event, act.Event.Agency, act.Statement, act.Event.Refusal, act.Event.Decision,
        StateAt(act), Responsible(StateAt(act)))
    {
        IsSuspect = act.Signed is { } signed && _logs.Directory.IsSuspect(signed.Statement.Issuer, signed.Jws.Kid, entry => _logs.IndexAt(act.Logged.Index, entry)),
        CameBack = _logs.CameBack(act.Logged.Index),
    };

    internal HandoffState? StateAt(EvidenceAct act) => _positions[act.Logged.Index]?.State;

    private AgencyId? Responsible(HandoffState? state) => state is not { } known ? null : Handoff.Responsible(known, Referral.Issuer, Referral.To);

    private static string Spell(HandoffPosition position) =>
        Code.Text(position.State) + (position.Withdrawing ? " and its withdrawal unconfirmed" : "");

    private static string Spell(ConsentDecision decision) =>
        decision.Permit ? $"{Code.Text(decision.Verdict)}{string.Concat((decision.Review ?? []).Select(cause => " " + Code.Text(cause)))} under {decision.Policy}" : $"{string.Join(", ", decision.Reasons.Select(reason => Code.Text(reason)))} under {decision.Policy}";
}
