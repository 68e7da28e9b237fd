using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>What <c>acknowledge</c>, <c>accept</c>, <c>decline</c>, <c>complete</c> and <c>close</c> print.</summary>
/// <param name="Referral">The referral's id.</param>
/// <param name="Statement">Id of our statement.</param>
/// <param name="State">Where the referral stands now.</param>
/// <param name="Responsible">Which agency is responsible for the child now; null once the handoff is over.</param>
/// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
/// <param name="HubTime">The hub's time of it; null while it waits.</param>
/// <param name="Note">With <c>close</c>: the recipient's note; else null.</param>
internal sealed record Acted(
    Guid Referral, Digest Statement, HandoffState State, AgencyId? Responsible, Fate Fate, DateTimeOffset? HubTime, string? Note = null) : Output
{
    public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

    public override void Print(TextWriter to)
    {
        if (Note is not null) to.WriteLine(Note);
        to.WriteLine($"{WireId.Text(Referral)}: {Code.Text(State)}, responsible: {Responsible?.ToString() ?? "nobody, the handoff is over"}");
        if (Fate == Fate.Waiting) to.WriteLine("The hub cannot be reached; the statement is kept and goes out by itself.");
    }
}

/// <summary>What all acts that set a state have in common. Spec: docs/protocol.md §3.4.</summary>
internal static class Acts
{
    /// <summary>The referral, or a refusal.</summary>
    public static async Task<KeptReferral> FindAsync(GatewayDb db, Guid id, CancellationToken ct) =>
        await db.Referrals.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw NotFound(id);

    /// <summary>The same for what is not there and for what is kept from whoever asks.</summary>
    public static RefusedException NotFound(Guid id) => new(Refusal.NotFound, $"{WireId.Text(id)}: no such referral here.");

    /// <summary>Signs the act and moves the referral; state, statement and outbox item in the caller's transaction.</summary>
    /// <param name="db">Inside <see cref="GatewayDb.Write{T}"/>.</param>
    /// <param name="outbox">What signs.</param>
    /// <param name="referral">Tracked; changed.</param>
    /// <param name="act">What is done.</param>
    /// <param name="say">The statement, given the common members.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<SignedStatement> StateAsync(
        GatewayDb db, Outbox outbox, KeptReferral referral, HandoffAct act, Func<Preamble, Statement> say, CancellationToken ct)
    {
        if (NextOf(referral, act) is not { } next) throw Forbidden(referral, act);
        var statement = say(await outbox.PreambleAsync(db, ct));
        // Times have whole seconds: the same again within one would be the statement that was refused.
        if (await outbox.HasSaidAsync(db, statement, ct)) throw new RefusedException(Refusal.StateForbids, "The same was refused within this second; try again.");
        var signed = outbox.Add(db, statement, stream: referral.Id);
        (referral.State, referral.Current) = (next, signed.Id);
        return signed;
    }

    /// <summary>Throws unless we may do this now: to be asked before anything that costs.</summary>
    public static void Require(KeptReferral referral, HandoffAct act)
    {
        if (NextOf(referral, act) is null) throw Forbidden(referral, act);
    }

    /// <summary>Tries to hand the act in, and tells how things stand.</summary>
    public static async Task<Acted> SettleAsync(GatewayDb db, Dispatch dispatch, Guid id, Digest statement, CancellationToken ct)
    {
        var fate = await Fates.SettleAsync(db, dispatch, statement, stream: id, ct);
        var referral = await db.Referrals.AsNoTracking().SingleAsync(r => r.Id == id, ct);
        var kept = await db.Statements.AsNoTracking().SingleAsync(s => s.Id == statement, ct);
        return new(id, statement, referral.State, referral.Responsible, fate, kept.HubTime);
    }

    private static HandoffState? NextOf(KeptReferral referral, HandoffAct act) =>
        referral.Role == Handoff.ActorOf(act) ? referral.After(referral.Role, act) : null;

    private static RefusedException Forbidden(KeptReferral referral, HandoffAct act) => new(
        Refusal.StateForbids,
        $"{WireId.Text(referral.Id)} is {Code.Text(referral.State)}, and we are its {Code.Text(referral.Role)}: it cannot be {Code.Text(act)} by us now.",
        [Code.Text(referral.State)]);
}
