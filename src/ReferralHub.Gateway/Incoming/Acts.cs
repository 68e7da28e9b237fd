using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>What every act on a referral prints.</summary>
/// <param name="Referral">The referral's id.</param>
/// <param name="Statement">Id of our statement.</param>
/// <param name="State">Where the referral stands now.</param>
/// <param name="Withdrawing">Whether the sender wants it back and the recipient has not answered.</param>
/// <param name="Responsible">Which agency is responsible for the child now; null once the handoff is over.</param>
/// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
/// <param name="HubTime">The hub's time of it; null while it waits.</param>
/// <param name="Note">With <c>close</c>: the recipient's note; else null.</param>
internal sealed record Acted(
    Guid Referral, Digest Statement, HandoffState State, bool Withdrawing, AgencyId? Responsible, Fate Fate, DateTimeOffset? HubTime, string? Note = null) : Output
{
    public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

    public override void Print(TextWriter to)
    {
        if (Note is not null) to.WriteLine(Note);
        to.WriteLine($"{WireId.Text(Referral)}: {Printing.Standing(State, Withdrawing)}, responsible now: {Responsible?.ToString() ?? "nobody, the handoff is over"}");
        if (Fate == Fate.Waiting) to.WriteLine("The hub cannot be reached; the statement is kept and goes out by itself.");
    }
}

/// <summary>How our side acts on a referral: one way for all acts. Spec: docs/protocol.md §3.4.</summary>
internal sealed class Acts(Exclusions exclusions, Outbox outbox, Dispatch dispatch)
{
    /// <summary>The referral, or a refusal.</summary>
    public static async Task<KeptReferral> FindAsync(GatewayDb db, Guid id, CancellationToken ct) =>
        await db.Referrals.SingleOrDefaultAsync(r => r.Id == id, ct) ?? throw NotFound(id);

    /// <summary>A referral of ours that is not kept from whoever asks, or a refusal.</summary>
    public static async Task<KeptReferral> FindOursAsync(GatewayDb db, Guid id, Handle by, Exclusions exclusions, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, by, ct);
        return await db.Referrals.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.Role == Party.Sender, ct) ?? throw NotFound(id);
    }

    /// <summary>The same for what is not there and for what is kept from whoever asks.</summary>
    public static RefusedException NotFound(Guid id) => new(Refusal.NotFound, $"{WireId.Text(id)}: no such referral here.");

    /// <summary>Signs an act of a person, keeps it, and tries to hand it in.</summary>
    /// <param name="db">The database.</param>
    /// <param name="id">The referral.</param>
    /// <param name="by">Who acts.</param>
    /// <param name="act">What is done.</param>
    /// <param name="say">The statement, given the common members; runs inside the transaction.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Acted> DoAsync(
        GatewayDb db, Guid id, Handle by, HandoffAct act, Func<Preamble, KeptReferral, Statement> say, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, by, ct);
        var signed = await db.Write(async () => await StateAsync(db, await FindAsync(db, id, ct), act, say, ct), ct);
        var fate = await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct);
        var referral = await db.Referrals.AsNoTracking().SingleAsync(r => r.Id == id, ct);
        var kept = await db.Statements.AsNoTracking().SingleAsync(s => s.Id == signed.Id, ct);
        return new(id, signed.Id, referral.State, referral.Withdrawing, referral.Responsible, fate, kept.HubTime);
    }

    /// <summary>The referral, if this person may do this now: to be asked before anything that costs.</summary>
    public async Task<KeptReferral> RequireAsync(GatewayDb db, Guid id, Handle by, HandoffAct act, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, by, ct);
        var referral = await FindAsync(db, id, ct);
        return referral.May(act) ? referral : throw Forbidden(referral, act);
    }

    /// <summary>Signs an act and moves the referral; state, statement and outbox item in the caller's transaction.</summary>
    /// <param name="db">Inside <see cref="GatewayDb.Write{T}"/>.</param>
    /// <param name="referral">Tracked; changed.</param>
    /// <param name="act">What is done.</param>
    /// <param name="say">The statement, given the common members.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<SignedStatement> StateAsync(
        GatewayDb db, KeptReferral referral, HandoffAct act, Func<Preamble, KeptReferral, Statement> say, CancellationToken ct)
    {
        if (!referral.May(act)) throw Forbidden(referral, act);
        var statement = say(await outbox.PreambleAsync(db, ct), referral);
        // Times have whole seconds: the same again within one would be the statement that was refused, or the one that counts already.
        if (await outbox.HasSaidAsync(db, statement, ct)) throw new RefusedException(Refusal.StateForbids, "The same was said within this second; try again.");
        var signed = outbox.Add(db, statement, stream: referral.Id);
        await Story.RetellAsync(db, referral, ct);
        return signed;
    }

    private static RefusedException Forbidden(KeptReferral referral, HandoffAct act) => new(
        Refusal.StateForbids,
        $"{WireId.Text(referral.Id)} is {Printing.Standing(referral.State, referral.Withdrawing)}, and we are its {Code.Text(referral.Role)}: {Code.Text(act)} is not for us to say now.",
        [Code.Text(referral.State)]);
}
