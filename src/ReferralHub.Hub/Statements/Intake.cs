using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Outbox;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Statements;

/// <summary>A statement whose form and signature are good, inside the write that settles it.</summary>
/// <param name="Signed">The statement with its token.</param>
/// <param name="Statement">What it says.</param>
/// <param name="At">The hub's time: that of the event and of every check.</param>
/// <param name="Directory">The directory that the event names and every check looks at.</param>
/// <param name="Before">What the write found when it began.</param>
/// <param name="Again">Whether it has taken effect before, at the hub of which this one is a restored backup (docs/protocol.md §4.7).</param>
internal sealed record Submitted<T>(SignedStatement Signed, T Statement, DateTimeOffset At, DirectoryNow Directory, Before Before, bool Again = false)
    where T : Statement
{
    public Digest Id => Signed.Id;
}

/// <summary>What is there before a statement takes effect.</summary>
/// <param name="AuditLog">The published state of the audit log.</param>
/// <param name="Caused">How many events about the referral its issuer has caused; 0 if it is about none.</param>
/// <param name="Receipt">The hub's answer when this statement took effect; null when it has not, or is not answered with one.</param>
internal sealed record Before(TreeHead AuditLog, int Caused, string? Receipt);

/// <summary>The way of every statement into the hub. Spec: docs/protocol.md §3.1, §3.2.</summary>
internal sealed class Intake(HubDb db, Agencies agencies, HubKeys keys, HubMeters meters)
{
    /// <summary>
    /// Takes in a statement that sets something: what <paramref name="rule"/> changed, the statement, its event, the receipt
    /// and the message to the other party are one save. The same statement again gets the same receipt, whatever holds by now.
    /// </summary>
    /// <param name="submission">The body.</param>
    /// <param name="caller">Who sent it.</param>
    /// <param name="path">The referral in the path, if there is one.</param>
    /// <param name="rule">The use case: reads, decides, and changes the context only when it lets the statement take effect.</param>
    /// <param name="ct">Ends the request.</param>
    public Task<Results<ContentHttpResult, ProblemHttpResult>> Take<T>(
        Submission submission, Caller caller, string? path, Func<Submitted<T>, CancellationToken, Task<Ruling>> rule, CancellationToken ct)
        where T : Statement =>
        Settle<T, ContentHttpResult>(submission, caller, path, async (submitted, token) =>
        {
            if (submitted.Before.Receipt is { } earlier) return Answer(earlier, StatusCodes.Status200OK);

            if (CheckRoom(submitted) is { } full) return Refuse(submitted, new Refused(full));
            var ruling = await rule(submitted, token);
            return ruling is Effective effect
                ? Answer(Record(submitted, effect), StatusCodes.Status201Created)
                : Refuse(submitted, (Refused)ruling);
        }, ct);

    /// <summary>Checks form, signature and heads, then runs <paramref name="settle"/> in one write.</summary>
    /// <inheritdoc cref="Take{T}"/>
    public async Task<Results<TOk, ProblemHttpResult>> Settle<T, TOk>(
        Submission submission,
        Caller caller,
        string? path,
        Func<Submitted<T>, CancellationToken, Task<Results<TOk, ProblemHttpResult>>> settle,
        CancellationToken ct)
        where T : Statement
        where TOk : IResult
    {
        if (submission.Fault is { } fault) return fault.ToProblem();
        var seen = await agencies.Now(db, ct);
        var refusal = Check<T>(submission.Token.Span, caller.Agency, path, seen, out var signed);
        if (signed is null) return Refusal.Malformed.ToProblem();

        var takes = false;
        var answer = await db.Write<Results<TOk, ProblemHttpResult>>(async token =>
        {
            var directory = await agencies.Now(db, token);
            var (at, before) = await Look(signed, caller.Agency, token);
            if (refusal is { } why) return Refuse(caller.Agency, at, directory, why);

            var submitted = new Submitted<T>(signed, (T)signed.Statement, at, directory, before);
            var settled = await CheckHeads(submitted, token) is { } unseen
                ? Refuse(submitted, new Refused(unseen))
                : await settle(submitted, token);
            takes = db.ChangeTracker.Entries<StoredStatement>().Any(entry => entry.State == EntityState.Added);
            return settled;
        }, ct);
        if (takes) meters.Took(signed.Statement.Kind);
        return answer;
    }

    /// <summary>
    /// Why the token is no statement of the caller's, by form and signature; null if it is one. Pure.
    /// <paramref name="signed"/> is null when it has not even the form.
    /// </summary>
    internal static Refusal? Check<T>(
        ReadOnlySpan<byte> token, AgencyId caller, string? path, DirectoryNow directory, out SignedStatement? signed)
        where T : Statement
    {
        if (!SignedStatement.TryRead(token, out signed)) return Refusal.Malformed;
        var statement = signed.Statement;
        if (statement is not T || (path is not null && path != statement.About?.ToString()))
        {
            signed = null;
            return Refusal.Malformed;
        }

        if (statement.Issuer != caller) return Refusal.NotTheIssuer;
        if (directory.Entries.FindKey(caller, signed.Jws.Kid, directory.Head.Size) is not { } key) return Refusal.UnknownKey;
        return signed.Jws.IsSignedBy(key) ? null : Refusal.BadSignature;
    }

    /// <summary>Why the referral's evidence has no room for one more event of this issuer, or null. Pure.</summary>
    internal static Refusal? CheckRoom<T>(Submitted<T> submitted)
        where T : Statement
    {
        // Whoever must keep or erase something can say so, however often somebody has looked at it.
        var moves = submitted.Statement is Referral or LegalHold or ErasureReceipt or RevocationNotice || (submitted.Statement.Does is { } act && Handoff.SetsState(act));
        var room = moves ? Limits.EventsOfParty : Limits.EventsOfParty - Limits.EventsForActs;
        return submitted.Before.Caused < room ? null : Refusal.ReferralFull;
    }

    /// <summary>Ends the write that is under way with the event of a refusal, and nothing else.</summary>
    /// <returns>The answer.</returns>
    public ProblemHttpResult Refuse<T>(Submitted<T> submitted, Refused refused)
        where T : Statement
    {
        db.ChangeTracker.Clear();
        db.Record(new AuditEvent
        {
            Event = AuditEventCode.Refused,
            At = submitted.At,
            Directory = submitted.Directory.Head,
            Agency = submitted.Statement.Issuer,
            Referral = submitted.Before.Caused < Limits.EventsOfParty ? submitted.Statement.About : null,
            Statement = submitted.Id,
            Kind = submitted.Statement.Kind,
            Refusal = refused.Why.Urned(),
            Part = submitted.Statement.Concerns?.Part,
            Sha256 = submitted.Statement.Concerns?.Sha256,
            Decision = refused.Decision,
        });
        return refused.Why.ToProblem(Members(refused));
    }

    // Nothing of the token is kept: nobody is known to have said it.
    private ProblemHttpResult Refuse(AgencyId caller, DateTimeOffset at, DirectoryNow directory, Refusal why)
    {
        db.Record(new AuditEvent
        {
            Event = AuditEventCode.Refused,
            At = at,
            Directory = directory.Head,
            Agency = caller,
            Refusal = why.Urned(),
        });
        return why.ToProblem();
    }

    // In one question, since everybody else waits: the turn to write ends the sooner, the less often the database is asked in it.
    private async Task<(DateTimeOffset At, Before Before)> Look(SignedStatement signed, AgencyId caller, CancellationToken ct)
    {
        var (id, about, events) = (signed.Id, signed.Statement.About ?? Guid.Empty, db.Set<AuditRecord>());
        var found = await db.Set<LogHead>().Where(h => h.Log == LogName.Audit).Select(h => new
        {
            h.Size,
            h.Root,
            Last = events.OrderByDescending(r => r.Id).Select(r => r.Event).FirstOrDefault(),
            Caused = events.Count(r => r.Referral == about && r.Agency == caller),
            Receipt = db.Set<StoredStatement>().Where(s => s.Id == id).Select(s => s.Receipt).FirstOrDefault(),
        }).SingleAsync(ct);
        return (db.EventTimeAfter(found.Last), new(new(found.Size, found.Root), found.Caused, found.Receipt));
    }

    private async Task<Refusal?> CheckHeads<T>(Submitted<T> submitted, CancellationToken ct)
        where T : Statement
    {
        var statement = submitted.Statement;
        if (statement.IssuedAt > submitted.At.AddSeconds(Limits.SecondsAhead)) return Refusal.IssuedAhead;
        return (statement.Directory == submitted.Directory.Head || await PublishedHead.Exists(db, LogName.Directory, statement.Directory, ct))
            && (await PublishedHead.Exists(db, LogName.Audit, statement.AuditLog, ct) || await FormerHead.CanBe(db, statement.AuditLog, ct))
                ? null
                : Refusal.UnknownHead;
    }

    private string Record<T>(Submitted<T> submitted, Effective effect)
        where T : Statement
    {
        var happened = Happen(submitted, effect);
        var receipt = Receipt(submitted, effect, happened);
        Store(submitted, happened, receipt, effect);
        return receipt;
    }

    /// <summary>Adds the event about a statement that takes effect to the write that is under way.</summary>
    /// <param name="submitted">The statement.</param>
    /// <param name="effect">What it does.</param>
    /// <param name="opening">The event's opening where it has one already.</param>
    public AuditRecord Happen<T>(Submitted<T> submitted, Effective effect, byte[]? opening = null)
        where T : Statement
    {
        var (signed, statement, at, directory, _, _) = submitted;
        return db.Record(
            new AuditEvent
            {
                Event = statement is ReleaseRequest ? AuditEventCode.PartReleased : AuditEventCode.StatementRecorded,
                At = at,
                Directory = directory.Head,
                Agency = statement.Issuer,
                Referral = statement.About,
                Statement = signed.Id,
                Kind = statement.Kind,
                Act = effect.Act,
                State = effect.State,
                Decision = effect.Decision,
                Part = statement.Concerns?.Part,
                Sha256 = statement.Concerns?.Sha256,
            },
            effect.Other,
            opening: opening);
    }

    /// <summary>The hub's word that a statement took effect.</summary>
    public string Receipt<T>(Submitted<T> submitted, Effective effect, AuditRecord happened)
        where T : Statement
    {
        var (signed, statement, at, directory, before, _) = submitted;
        return SignedStatement.Sign(keys.Statements, new HubReceipt
        {
            Issuer = AgencyId.Hub,
            IssuedAt = at,
            Directory = directory.Head,
            AuditLog = before.AuditLog,
            StatementId = signed.Id,
            Leaf = Convert.ToHexStringLower(happened.Leaf()),
            Referral = statement.About,
            State = effect.State,
        }).Jws.Token;
    }

    /// <summary>Adds a statement and the message to the other party to the write that is under way.</summary>
    public void Store<T>(Submitted<T> submitted, AuditRecord happened, string? receipt, Effective effect)
        where T : Statement
    {
        var (id, referral) = (submitted.Id, submitted.Statement.About);
        db.Add(new StoredStatement
        {
            Id = id,
            Referral = referral,
            SetsState = effect.SetsState,
            Token = submitted.Signed.Jws.Token,
            Receipt = receipt,
            Event = happened,
        });
        if (effect.Tell) db.Publish(new StatementRecorded(id, effect.Other, effect.With, effect.Approval), referral?.ToString() ?? id.ToString());
    }

    private static ContentHttpResult Answer(string receipt, int status) =>
        TypedResults.Text(receipt, Submission.ContentType, statusCode: status);

    private static IEnumerable<KeyValuePair<string, object?>> Members(Refused refused)
    {
        if (refused.Decision is { } decision) yield return new("reasons", decision.Reasons.Select(Code.Text));
        if (refused.Standing is not { } standing) yield break;
        yield return new("state", Code.Text(standing.Position.State));
        yield return new("after", standing.After.ToString());
    }
}
