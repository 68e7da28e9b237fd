using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// Asks the hub for a sealed part and verifies it to its last byte before it counts as held. The signed request is kept
/// before it is sent: it is the receipt for the part (docs/protocol.md §3.6). Doing it again makes a new request.
/// </summary>
internal sealed class FetchPart(HubClient hub, Outbox outbox, Acts acts, Envelopes envelopes, ContentChecks checks, Exclusions exclusions, PartFiles files, TimeProvider clock, ILogger<FetchPart> log)
{
    /// <summary>Fetches a part unless it is held.</summary>
    /// <returns>
    /// Whether it is held now; false when the envelope was refused, which is an alarm and blocks the referral, and before the
    /// summary is held: nobody knows yet whom the rest is kept from.
    /// </returns>
    public async Task<bool> RunAsync(GatewayDb db, KeptReferral referral, KeptPart kept, CancellationToken ct)
    {
        if (kept.Held) return true;
        if (referral.Role is Party.Recipient && kept.Part is not Part.Summary
            && !await db.Parts.AnyAsync(p => p.Referral == referral.Id && p.Part == Part.Summary && p.Held, ct))
        {
            return false;
        }

        var request = await AskAsync(db, referral, kept, ct);
        var file = files.Create();
        try
        {
            await hub.DownloadPartAsync(request, kept.Size, file, ct);
            var (fault, excluded) = await CheckAsync(db, referral, kept, file, ct);
            if (fault is null) await files.KeepAsync(file, kept.Sha256, ct);
            await db.Write(
                async () =>
                {
                    (await db.Statements.SingleAsync(s => s.Id == request.Id, ct)).Fate = Fate.Effective;
                    if (fault is null) await HoldAsync(db, kept, excluded, ct);
                    else await BlockAsync(db, kept, fault, ct);
                },
                ct);
            return fault is null;
        }
        catch (HubRefusedException e) when (!e.Problem.IsRetryable)
        {
            await db.Write(
                async () =>
                {
                    var statement = await db.Statements.SingleAsync(s => s.Id == request.Id, ct);
                    (statement.Fate, statement.Problem) = (Fate.Refused, JsonSerializer.Serialize(e.Problem, LocalJson.Options));
                },
                ct);
            throw;
        }
        finally
        {
            await PartFiles.DropAsync(file);
        }
    }

    // From the moment it is held it can be seen: whom it must be kept from is kept in the same transaction.
    private async Task HoldAsync(GatewayDb db, KeptPart part, byte[]? excluded, CancellationToken ct)
    {
        (await db.Parts.SingleAsync(p => p.Sha256 == part.Sha256, ct)).Held = true;
        if (excluded is null) return;
        var referral = await db.Referrals.SingleAsync(r => r.Id == part.Referral, ct);
        referral.SealedExclusions = excluded;
        await exclusions.TellAsync(db, referral, await exclusions.NamesAsync(db, ct), clock.GetUtcNow(), log, ct);
    }

    /// <summary>What is wrong with a part that came, as a code, null when nothing is; and of a summary whom it excludes, sealed.</summary>
    private async Task<(string? Fault, byte[]? Excluded)> CheckAsync(GatewayDb db, KeptReferral referral, KeptPart part, Stream file, CancellationToken ct)
    {
        var expected = await envelopes.ExpectAsync(db, referral, part, ct);
        if (!envelopes.TryOpen(file, expected, out var opened, out var fault)) return (fault, null);
        using (opened)
        {
            return (
                await checks.FaultAsync(db, referral, part.Part, opened, ct),
                part.Part is Part.Summary ? exclusions.Seal(Envelopes.ReadSummary(opened)) : null);
        }
    }

    // The sender is told in the same transaction; a recipient's letter that does not open only raises the alarm here.
    private async Task BlockAsync(GatewayDb db, KeptPart part, string fault, CancellationToken ct)
    {
        var referral = await db.Referrals.SingleAsync(r => r.Id == part.Referral, ct);
        referral.Blocked = fault;
        var alarm = new Alarm { At = clock.GetUtcNow(), Code = AlarmCode.EnvelopeRefused, Referral = part.Referral, Detail = $"{WireId.Text(part.Referral)} {Code.Text(part.Part)}: {fault}" };
        await Alarms.RaiseAsync(db, alarm, log, ct);

        // A summary that was delivered before opens no more where its key was lost.
        var isUndelivered = part.Part == Part.Summary && referral.State == HandoffState.Sent;
        var act = isUndelivered ? HandoffAct.Undeliverable : HandoffAct.ContentMismatch;
        if (!referral.May(act)) return;
        await acts.StateAsync(
            db, referral, act,
            (preamble, r) => preamble.SayAsRecipient(r, act, by: null) with
            {
                Fault = Classify(fault),
                Part = isUndelivered ? null : part.Part,
                Sha256 = isUndelivered ? null : part.Sha256,
            },
            ct);
    }

    // What does not come from opening the envelope was held against the consent.
    private static DeliveryFault Classify(string fault) => !Code.TryParse<EnvelopeFault>(fault, out var found) ? DeliveryFault.OutsideConsent : found switch
    {
        EnvelopeFault.HeaderMalformed or EnvelopeFault.NotMine or EnvelopeFault.HeaderForged or EnvelopeFault.PayloadDamaged => DeliveryFault.DoesNotOpen,
        EnvelopeFault.CategoriesDiffer or EnvelopeFault.ContentMismatch => DeliveryFault.OutsideConsent,
        _ => DeliveryFault.NotAsPromised,
    };

    private async Task<SignedStatement> AskAsync(GatewayDb db, KeptReferral referral, KeptPart part, CancellationToken ct)
    {
        while (true)
        {
            var asked = await db.Write<SignedStatement?>(
                async () =>
                {
                    var preamble = await outbox.PreambleAsync(db, ct);
                    var last = await db.Statements.Where(s => s.Referral == referral.Id && s.Kind == StatementKind.ReleaseRequest && s.IsOurs)
                        .OrderByDescending(s => s.Order).FirstOrDefaultAsync(ct);
                    // Times have whole seconds: a second request within one would be the same statement, and is never decided twice.
                    if (last?.Read().Statement.IssuedAt >= preamble.IssuedAt) return null;
                    return outbox.Keep(db, new ReleaseRequest
                    {
                        Issuer = preamble.Issuer,
                        IssuedAt = preamble.IssuedAt,
                        Directory = preamble.Directory,
                        AuditLog = preamble.AuditLog,
                        Referral = referral.Id,
                        After = referral.Seen,
                        Part = part.Part,
                        Sha256 = part.Sha256,
                        Purpose = referral.Purpose,
                    });
                },
                ct);
            if (asked is not null) return asked;
            await Task.Delay(TimeSpan.FromSeconds(1), clock, ct);
        }
    }
}
