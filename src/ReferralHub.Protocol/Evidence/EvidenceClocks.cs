using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>
/// Computes each clock again: the hub must have called none missed that was not, not yet, or twice. Spec: docs/protocol.md §3.7.
/// </summary>
internal sealed class EvidenceClocks
{
    private readonly EvidenceReplay _replay;
    private readonly Referral _referral;
    private readonly HashSet<(ClockKind, DateTimeOffset, ClockStep)> _spoke = [];
    private readonly Dictionary<ClockKind, DateTimeOffset> _owed = [];
    private readonly Dictionary<AgencyId, WorkingCalendar> _hours = [];
    private HandoffClock? _clock;
    private Urgency _urgency;

    private EvidenceClocks(EvidenceReplay replay, Referral referral) =>
        (_replay, _referral, _urgency) = (replay, referral, referral.Urgency);

    /// <summary>The first thing wrong, or null.</summary>
    public static EvidenceFinding? Check(EvidenceReplay replay, EvidenceActs acts)
    {
        var clocks = new EvidenceClocks(replay, acts.Referral);
        foreach (var act in acts.All)
        {
            // With another calendar each time would be another.
            if (act.Statement is Profile profile && !clocks.Publish(profile))
                return act.Finding(EvidenceFault.Clock, $"This machine does not know the time zone {profile.Hours.Zone}, so no clock can be computed: install tzdata.");
            clocks.Move(act);
            if (act.Statement is HubAct { Chain: { } step } said && clocks.Fault(act, said, step) is { } fault)
                return act.Finding(EvidenceFault.Clock, fault);
        }

        return null;
    }

    private bool Publish(Profile profile)
    {
        if (!WorkingCalendar.TryMake(profile.Hours, out var calendar)) return false;
        _hours[profile.Issuer] = calendar;
        return true;
    }

    private void Move(EvidenceAct act)
    {
        var at = act.Event.At;
        switch (act.Statement)
        {
            case Referral:
                _clock = HandoffClock.Start(_urgency, at, SettingAt(act));
                if (act.Event.Decision?.Review is not null) _owed[ClockKind.Review] = at.AddSeconds(SettingAt(act).Table.Review.Seconds);
                break;
            case ConsentRevocation when _clock is not null && _referral.Basis is Basis.Consent:
                _owed[ClockKind.Erase] = ErasureDue.Of(_urgency, at);
                break;
            case ErasureReceipt:
                _owed.Remove(ClockKind.Erase);
                break;
            case CoordinatorAct { Act: CoordinatorActCode.Reviewed }:
                _owed.Remove(ClockKind.Review);
                break;
            case { Does: { } done } statement:
                _urgency = (statement as SenderAct)?.Urgency ?? _urgency;
                _clock = _clock?.Next(done, _replay.StateAt(act)!.Value, _urgency, at, SettingAt(act));
                break;
        }
    }

    private string? Fault(EvidenceAct act, HubAct said, ClockStep step)
    {
        var (kind, due) = (said.Clock!.Value, said.Due!.Value);
        var beside = kind is ClockKind.Erase or ClockKind.Review;
        var runs = beside ? _owed.TryGetValue(kind, out var owed) && owed == due && step == ClockStep.Breach : _clock?.Kind == kind && _clock.Due == due;
        if (!runs) return $"No clock to {Code.Text(kind)} ran that is missed at {WireTime.Text(due)}.";
        var at = beside ? due : _clock!.At(step);
        if (act.Event.At < at) return $"The hub said {Code.Text(step)} before {WireTime.Text(at)}.";
        return _spoke.Add((kind, beside ? due : _clock!.Since, step)) ? null : $"The hub had said {Code.Text(step)} of this clock before.";
    }

    private ClockSetting SettingAt(EvidenceAct act)
    {
        var question = _replay.QuestionAt(act.Logged);
        return new(
            question.Agreement?.Clocks ?? question.Policy?.Clocks ?? ClockTable.Default, HoursOf(_referral.Issuer), HoursOf(_referral.To));
    }

    private WorkingCalendar HoursOf(AgencyId agency) => _hours.GetValueOrDefault(agency, WorkingCalendar.Default);
}
