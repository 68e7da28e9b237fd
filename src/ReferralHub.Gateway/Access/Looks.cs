using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// How people look at what was sealed to us: first the signed access statement is committed to the outbox, then the envelope
/// is opened. No record, no look; a look that then fails was still an attempt. Spec: docs/protocol.md §3.3.
/// </summary>
internal sealed class Looks(OwnAgency own, Outbox outbox, Exclusions exclusions, Envelopes envelopes, PartFiles files, TimeProvider clock)
{
    /// <summary>Records one access and opens the part.</summary>
    /// <param name="db">The database.</param>
    /// <param name="id">The referral.</param>
    /// <param name="part">Which part, sealed to us.</param>
    /// <param name="act">What the person does.</param>
    /// <param name="by">Who.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="sha256">Which of several such parts; null when there is one.</param>
    /// <returns>The opened part, the caller's to dispose.</returns>
    public async Task<Look> OpenAsync(GatewayDb db, Guid id, Part part, AccessAct act, Handle by, CancellationToken ct, Digest? sha256 = null)
    {
        var (referral, kept) = await RecordAsync(db, id, part, act, by, ct, sha256);
        var expected = await envelopes.ExpectAsync(db, referral, kept, ct);
        var file = files.Open(kept.Sha256);
        if (envelopes.TryOpen(file, expected, out var opened, out var fault)) return new(referral, kept, file, opened);
        await file.DisposeAsync();
        throw new RefusedException(Refusal.EnvelopeRefused, $"The {Code.Text(part)} of {WireId.Text(id)} no longer opens: {fault}.", [fault]);
    }

    /// <summary>Records one access without opening anything.</summary>
    public async Task<(KeptReferral Referral, KeptPart Part)> RecordAsync(
        GatewayDb db, Guid id, Part part, AccessAct act, Handle by, CancellationToken ct, Digest? sha256 = null)
    {
        await exclusions.RequireVisibleAsync(db, id, by, ct);
        await RequireFreshFeedAsync(db, ct);
        while (true)
        {
            var recorded = await db.Write<(KeptReferral, KeptPart)?>(
                async () =>
                {
                    var referral = await Acts.FindAsync(db, id, ct);
                    var kept = await FindAsync(db, referral, part, sha256, ct);
                    var statement = Statement(referral, kept, act, by, await outbox.PreambleAsync(db, ct));
                    // Times have whole seconds: a second look within one would be the same statement, and every look is told.
                    if (await outbox.HasSaidAsync(db, statement, ct)) return null;
                    outbox.Add(db, statement, stream: id);
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
        var read = (await db.Bindings.AsNoTracking().SingleAsync(ct)).FeedReadAt;
        if (read is null || clock.GetUtcNow() - read > Limits.FeedAge)
            throw new RefusedException(Refusal.FeedStale, "The feed was last read more than 60 minutes ago: connect to the hub first.");
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
