using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>What every statement of ours begins with, docs/protocol.md §3.2.</summary>
internal sealed record Preamble(AgencyId Issuer, DateTimeOffset IssuedAt, TreeHead Directory, TreeHead AuditLog)
{
    /// <summary>An act that needs nothing but a person, by whosever it is.</summary>
    public Statement Say(KeptReferral referral, HandoffAct act, Handle by) =>
        Handoff.ActorOf(act) == Party.Sender ? SayAsSender(referral, act, by) : SayAsRecipient(referral, act, by);

    /// <summary>An act of ours on a referral that we received; the caller adds what belongs to the act.</summary>
    /// <param name="referral">The referral.</param>
    /// <param name="act">What is done.</param>
    /// <param name="by">Who; null when the gateway does it by itself.</param>
    public Acknowledgement SayAsRecipient(KeptReferral referral, HandoffAct act, Handle? by) => new()
    {
        Issuer = Issuer,
        IssuedAt = IssuedAt,
        Directory = Directory,
        AuditLog = AuditLog,
        Referral = referral.Id,
        After = After(referral, act),
        Act = act,
        By = by,
    };

    /// <summary>An act of ours on a referral that we sent; the caller adds what belongs to the act.</summary>
    public SenderAct SayAsSender(KeptReferral referral, HandoffAct act, Handle by) => new()
    {
        Issuer = Issuer,
        IssuedAt = IssuedAt,
        Directory = Directory,
        AuditLog = AuditLog,
        Referral = referral.Id,
        After = After(referral, act),
        Act = act,
        By = by,
    };

    private static Digest After(KeptReferral referral, HandoffAct act) => Handoff.SetsState(act) ? referral.Current : referral.Seen;
}

/// <summary>Signs what this agency says and queues it for the hub, in the caller's transaction.</summary>
internal sealed class Outbox(OwnAgency own, TimeProvider clock)
{
    /// <summary>The common members of a statement that is about to be signed.</summary>
    public async Task<Preamble> PreambleAsync(GatewayDb db, CancellationToken ct)
    {
        var (directory, audit) = await LogHeads.ReadAsync(db, ct);
        return new(own.Id, WireTime.Whole(clock.GetUtcNow()), directory, audit);
    }

    /// <summary>Signs a statement and queues it. Kept when the caller's transaction is; then it will be sent, whatever crashes.</summary>
    /// <param name="db">Inside <see cref="GatewayDb.Write{T}"/>.</param>
    /// <param name="statement">What to say.</param>
    /// <param name="stream">What it must stay in order with.</param>
    /// <param name="needs">A statement of another stream that the hub must have before.</param>
    public SignedStatement Add(GatewayDb db, Statement statement, Guid stream, Digest? needs = null)
    {
        var signed = Keep(db, statement);
        db.Outbox.Add(new OutboxItem { Stream = stream, Statement = signed.Id, Needs = needs, NotBefore = clock.GetUtcNow() });
        return signed;
    }

    /// <summary>Signs a statement that goes out with the request it belongs to, and keeps it before it goes.</summary>
    public SignedStatement Keep(GatewayDb db, Statement statement)
    {
        var signed = SignedStatement.Sign(own.Keys.Signing, statement);
        db.Statements.Add(new KeptStatement
        {
            Id = signed.Id,
            Kind = statement.Kind,
            Referral = statement.About,
            IsOurs = true,
            Approves = (statement as Approval)?.Approves,
            Token = signed.Jws.Token,
            Fate = Fate.Waiting,
        });
        return signed;
    }

    /// <summary>The id that a statement has once it is said: signatures are the same each time.</summary>
    public Digest IdOf(Statement statement) => SignedStatement.Sign(own.Keys.Signing, statement).Id;

    /// <summary>Whether exactly this was said before, and would be the same statement.</summary>
    public Task<bool> HasSaidAsync(GatewayDb db, Statement statement, CancellationToken ct)
    {
        var id = SignedStatement.Sign(own.Keys.Signing, statement).Id;
        return db.Statements.AnyAsync(s => s.Id == id, ct);
    }

    /// <summary>Throws unless a person of this agency has that handle.</summary>
    public static async Task RequirePersonAsync(GatewayDb db, Handle by, CancellationToken ct)
    {
        if (!await db.People.AnyAsync(p => p.Handle == by && p.DisabledAt == null, ct)) throw Nobody(by);
    }

    /// <summary>That nobody here acts under a handle.</summary>
    public static RefusedException Nobody(Handle by) =>
        new(Refusal.UnknownPerson, $"{by}: nobody here acts under that handle. See: referral-gateway people list");
}
