using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// How people look at what was sealed to us: first the signed access statement is committed to the outbox, then the envelope
/// is opened. No record, no look; a look that then fails was still an attempt. Spec: docs/protocol.md §3.3.
/// </summary>
internal sealed class Looks(
    OwnAgency own,
    Outbox outbox,
    Exclusions exclusions,
    Envelopes envelopes,
    ContentChecks checks,
    FollowDirectory directory,
    SignIn signIn,
    PartFiles files,
    TimeProvider clock,
    ILogger<Looks> log)
{
    /// <summary>Records one access and opens the part.</summary>
    /// <param name="db">The database.</param>
    /// <param name="id">The referral.</param>
    /// <param name="part">Which part, sealed to us.</param>
    /// <param name="act">What the person does.</param>
    /// <param name="by">Who.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="sha256">Which of several such parts; null when there is one.</param>
    /// <param name="glass">Why although the hub cannot be asked; null when it can.</param>
    /// <returns>The opened part, the caller's to dispose.</returns>
    public async Task<Look> OpenAsync(
        GatewayDb db, Guid id, Part part, AccessAct act, Handle by, CancellationToken ct, Digest? sha256 = null, BrokenGlass? glass = null)
    {
        var (referral, kept) = await RecordAsync(db, id, part, act, by, ct, sha256, glass);
        var expected = await envelopes.ExpectAsync(db, referral, kept, ct);
        var file = files.Open(kept.Sha256);
        if (!envelopes.TryOpen(file, expected, out var opened, out var fault))
        {
            await file.DisposeAsync();
            throw new RefusedException(Refusal.EnvelopeRefused, $"The {Code.Text(part)} of {WireId.Text(id)} no longer opens: {fault}.", [fault]);
        }

        if (referral.Role is Party.Sender || await checks.FaultAsync(db, referral, part, opened, ct) is not { } outside) return new(referral, kept, file, opened);
        opened.Dispose();
        await file.DisposeAsync();
        await exclusions.RefuseAsync(db, id, by, outside, ct);
        throw new RefusedException(Refusal.ContentOutsideConsent, $"The {Code.Text(part)} of {WireId.Text(id)} is not opened: what it stands on does not carry it.", [outside]);
    }

    /// <summary>Records one access without opening anything.</summary>
    public async Task<(KeptReferral Referral, KeptPart Part)> RecordAsync(
        GatewayDb db, Guid id, Part part, AccessAct act, Handle by, CancellationToken ct, Digest? sha256 = null, BrokenGlass? glass = null)
    {
        await exclusions.RequireVisibleAsync(db, id, by, ct);
        if (glass is null) await RequireFreshFeedAsync(db, ct);
        else await RequireLeadAsync(db, by, glass, ct);
        await RequirePermitAsync(db, id, part, by, ct);
        while (true)
        {
            var recorded = await db.Write<(KeptReferral, KeptPart)?>(
                async () =>
                {
                    var referral = await Acts.FindAsync(db, id, ct);
                    var kept = await FindAsync(db, referral, part, sha256, ct);
                    var statement = Statement(referral, kept, act, by, await outbox.PreambleAsync(db, ct)) with { BreakGlass = glass?.Ground };
                    // Times have whole seconds: a second look within one would be the same statement, and every look is told.
                    if (await outbox.HasSaidAsync(db, statement, ct)) return null;
                    outbox.Add(db, statement, stream: id);
                    if (glass is not null)
                    {
                        var alarm = new Alarm { At = clock.GetUtcNow(), Code = AlarmCode.GlassBroken, Referral = id, Detail = $"{WireId.Text(id)} {by} {Code.Text(glass.Ground)}" };
                        await Alarms.RaiseAsync(db, alarm, log, ct);
                    }

                    return (referral, kept);
                },
                ct);
            if (recorded is { } done) return done;
            await Task.Delay(TimeSpan.FromSeconds(1), clock, ct);
        }
    }

    /// <summary>The access statement for a part.</summary>
    public static Protocol.Statements.Access Statement(KeptReferral referral, KeptPart part, AccessAct act, Handle by, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        Referral = referral.Id,
        After = referral.Seen,
        Act = act,
        Part = part.Part,
        Sha256 = part.Sha256,
        Purpose = referral.Purpose,
        By = by,
    };

    /// <summary>Throws unless the feed was read within 60 minutes: a revocation might be outrun.</summary>
    public async Task RequireFreshFeedAsync(GatewayDb db, CancellationToken ct)
    {
        if (!await IsFreshAsync(db, ct))
            throw new RefusedException(Refusal.FeedStale, "The feed was last read more than 60 minutes ago: connect to the hub first. A lead may break the glass: --break-glass GROUND");
    }

    private async Task<bool> IsFreshAsync(GatewayDb db, CancellationToken ct) =>
        (await db.Bindings.AsNoTracking().SingleAsync(ct)).FeedReadAt is { } read && clock.GetUtcNow() - read <= Limits.FeedAge;

    // A lead of ours, signed in; and only when the hub cannot be asked.
    private async Task RequireLeadAsync(GatewayDb db, Handle by, BrokenGlass glass, CancellationToken ct)
    {
        if (await IsFreshAsync(db, ct)) throw new RefusedException(Refusal.NotForYou, "The feed was read within 60 minutes: open it without breaking the glass.");
        await signIn.RequireAsync(db, by, glass.Secret, ct);
        if (!await Exclusions.IsToldAsync(db, by, ct)) throw new RefusedException(Refusal.NotForYou, $"{by} is no lead.");
    }

    // The hub's half of the check, as we can make it: what was permitted yesterday may be revoked or run out today.
    private async Task RequirePermitAsync(GatewayDb db, Guid id, Part part, Handle by, CancellationToken ct)
    {
        var referral = await db.Referrals.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct);
        if (referral is null || referral.Role is Party.Sender) return;
        if (referral.Locked is { } locked)
        {
            await exclusions.RefuseAsync(db, id, by, locked, ct);
            throw new RefusedException(
                Refusal.Locked,
                locked == CustodyOf.Erased
                    ? $"{WireId.Text(id)} is erased here."
                    : $"{WireId.Text(id)} is locked: the grantor took the consent back. Nothing of it is opened again. A copy already read cannot be recalled by technology: whoever read it must be told not to use it.",
                [locked]);
        }

        if (!ConsentCheck.Guards(part)) return;
        var outer = (Referral)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct)).Read().Statement;
        var decision = await Agreements.DecideAsync(db, directory.Current, outer, referral.Statement, clock.GetUtcNow(), ct);
        if (decision.Permit) return;
        await exclusions.RefuseAsync(db, id, by, Code.Text(decision.Reasons[0]), ct);
        throw RefusedException.ByCheck(decision);
    }

    private async Task<KeptPart> FindAsync(GatewayDb db, KeptReferral referral, Part part, Digest? sha256, CancellationToken ct)
    {
        var kept = await db.Parts.SingleOrDefaultAsync(p => p.Referral == referral.Id && p.Part == part && p.SealedTo == own.Id && (sha256 == null || p.Sha256 == sha256), ct);
        if (kept is null)
            throw new RefusedException(Refusal.NotFound, $"{WireId.Text(referral.Id)} is {Code.Text(referral.State)}: it has no {Code.Text(part)} for us.");
        return kept.Held
            ? kept
            : throw new RefusedException(
                Refusal.NotHeld,
                $"The {Code.Text(part)} of {WireId.Text(referral.Id)} is not here: {referral.Blocked ?? $"the referral is {Code.Text(referral.State)}"}.");
    }
}

/// <summary>A lead opens what is held although the hub cannot be asked whether it was revoked.</summary>
/// <param name="Ground">Why.</param>
/// <param name="Secret">The lead's own.</param>
internal sealed record BrokenGlass(BreakGlass Ground, byte[] Secret)
{
    /// <summary>Says nothing of the secret.</summary>
    public override string ToString() => nameof(BrokenGlass);
}

/// <summary>A part that a person looks at.</summary>
internal sealed class Look(KeptReferral referral, KeptPart part, FileStream file, OpenedEnvelope envelope) : IAsyncDisposable
{
    public KeptReferral Referral { get; } = referral;

    public KeptPart Part { get; } = part;

    public OpenedEnvelope Envelope { get; } = envelope;

    public ValueTask DisposeAsync()
    {
        Envelope.Dispose();
        return file.DisposeAsync();
    }

    /// <summary>Names the referral only.</summary>
    public override string ToString() => WireId.Text(Referral.Id);
}
