using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Profiles;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Clocks;

/// <summary>Keeps each referral's clock, inside the write that moves the referral. Spec: docs/protocol.md §3.7.</summary>
internal static class RunningClocks
{
    /// <summary>Starts the clock of a referral that is being sent.</summary>
    public static async Task Start(HubDb db, Referral referral, Digest id, DirectoryNow directory, DateTimeOffset at, CancellationToken ct)
    {
        var setting = await Setting(db, referral.Issuer, referral.To, directory, ct);
        db.Add(new ClockRecord
        {
            Referral = referral.ReferralId,
            Sender = referral.Issuer,
            Recipient = referral.To,
            Service = referral.Service,
            Urgency = referral.Urgency,
            State = Handoff.Start.State,
            After = id,
            Clock = HandoffClock.Start(referral.Urgency, at, setting),
        });
    }

    /// <summary>Moves it with the referral, and ends it when nothing is owed any more.</summary>
    /// <param name="db">The context of the write.</param>
    /// <param name="referral">Which referral.</param>
    /// <param name="act">What a party or the hub did.</param>
    /// <param name="moved">Where the referral stands after it, and the statement that set that.</param>
    /// <param name="urgency">How soon a person must act after it.</param>
    /// <param name="directory">The directory that the act's event names.</param>
    /// <param name="at">The hub's time of it.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task Move(
        HubDb db, Guid referral, HandoffAct act, (HandoffState State, Digest After) moved, Urgency urgency,
        DirectoryNow directory, DateTimeOffset at, CancellationToken ct)
    {
        var record = await db.Set<ClockRecord>().SingleAsync(c => c.Referral == referral, ct);
        (record.State, record.After, record.Urgency) = (moved.State, moved.After, urgency);
        var clock = record.Clock;
        var next = HandoffClock.Of(moved.State) is null
            ? null
            : clock.Next(act, moved.State, urgency, at, await Setting(db, record.Sender, record.Recipient, directory, ct));
        if (next is null) db.Remove(record);
        else if (next != clock) record.Clock = next;
    }

    /// <summary>Takes a step off the list that spoke before the hub was restored, if that clock still runs.</summary>
    public static async Task Spoke(HubDb db, Guid referral, ClockKind kind, DateTimeOffset due, ClockStep step, CancellationToken ct)
    {
        var record = await db.Set<ClockRecord>().SingleOrDefaultAsync(c => c.Referral == referral, ct);
        if (record?.Kind == kind && record.Due == due) record.Speak(step);
    }

    private static async Task<ClockSetting> Setting(HubDb db, AgencyId sender, AgencyId recipient, DirectoryNow directory, CancellationToken ct)
    {
        var (senders, recipients) = await ProfileLedger.Hours(db, sender, recipient, ct);
        return new(await ConsentLedger.Clocks(db, sender, recipient, directory, ct), senders, recipients);
    }
}
