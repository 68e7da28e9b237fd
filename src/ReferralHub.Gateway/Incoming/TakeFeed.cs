using System.Text;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// Reads what others did. The position is kept in the transaction of what it brought, so an item takes effect once: read
/// again after a crash, it is still the next. What does not hold becomes an alarm and changes nothing. Spec: docs/protocol.md §6.
/// </summary>
internal sealed class TakeFeed(HubClient hub, FollowDirectory directory, AgencyId self, CustodyOf custody, TimeProvider clock, ILogger<TakeFeed> log)
{
    /// <summary>Reads the feed to its end.</summary>
    /// <returns>How many items came.</returns>
    public async Task<int> RunAsync(GatewayDb db, CancellationToken ct)
    {
        var taken = 0;
        while (true)
        {
            var position = (await db.Bindings.AsNoTracking().SingleAsync(ct)).FeedPosition;
            var items = await hub.GetFeedAsync(position, TimeSpan.Zero, ct);
            foreach (var item in items) await TakeAsync(db, item, item.Position, ct);
            taken += items.Count;
            if (items.Count > 0) continue;

            await db.Write(async () => (await db.Bindings.SingleAsync(ct)).FeedReadAt = clock.GetUtcNow(), ct);
            return taken;
        }
    }

    /// <summary>Takes one item, unless it is known; what does not hold becomes an alarm.</summary>
    /// <param name="db">Outside a transaction.</param>
    /// <param name="item">The item.</param>
    /// <param name="position">Its place in the feed; null when it came another way, and the place stays.</param>
    /// <param name="ct">Gives up.</param>
    public async Task TakeAsync(GatewayDb db, FeedItem item, long? position, CancellationToken ct)
    {
        if (item.IsErased)
        {
            await db.Write(() => MoveToAsync(db, position, ct), ct);
            return;
        }

        AuditEvent.TryRead(item.Event.Span, out var audit);
        if (audit?.Directory.Size > directory.Current.Size) await directory.RunAsync(db, hub, ct);
        var root = audit is null ? null : await RootAtAsync(db, audit.Directory.Size, ct);

        await db.Write(
            async () =>
            {
                await MoveToAsync(db, position, ct);
                if (await db.Statements.AnyAsync(s => s.Id == item.Statements[0].Id, ct)) return;
                if ((Check(item, audit, directory.Current, root, self) ?? await ApplyAsync(db, item, audit!, ct)) is not { } fault) return;

                db.ChangeTracker.Clear();
                await MoveToAsync(db, position, ct);
                await Alarms.RaiseAsync(db, NewAlarm(item, fault), log, ct);
            },
            ct);
    }

    private static async Task MoveToAsync(GatewayDb db, long? position, CancellationToken ct)
    {
        if (position is { } now) (await db.Bindings.SingleAsync(ct)).FeedPosition = now;
    }

    /// <summary>Why an item is not what the hub claims it is, as a code; null when it holds. Pure.</summary>
    internal static string? Check(FeedItem item, AuditEvent? audit, AgencyDirectory directory, Digest? root, AgencyId self)
    {
        var statement = item.Statements[0];
        if (audit?.Event != EventAbout(statement.Statement.Kind)) return "event-malformed";
        if (audit.Statement != statement.Id || audit.Kind != statement.Statement.Kind || audit.Referral != statement.Statement.About || audit.Agency != ActorOf(statement.Statement))
            return "event-about-another";
        if (root is null || audit.Directory.Root != root) return "directory-differs";
        if (item.Statements.Any(s => s.Statement.Directory.Size > audit.Directory.Size)) return "directory-older-than-statement";
        if (item.Statements.Any(s => s.Statement.Issuer == self || (s.Statement.Issuer == AgencyId.Hub && s.Statement is not (HubAct or CoordinatorAct)))) return "issuer-unexpected";
        if (directory.FindKey(statement.Statement.Issuer, statement.Jws.Kid, audit.Directory.Size) is not { } key || !statement.Jws.IsSignedBy(key))
            return "signature-invalid";
        // A consent that comes along took effect before, maybe under a key that was rotated since.
        if (item.Statements.Skip(1).Any(s => directory.FindAnyKey(s.Statement.Issuer, s.Jws.Kid) is not { } then || !s.Jws.IsSignedBy(then)))
            return "signature-invalid";
        return item.Statements switch
        {
            [{ Statement: Referral referral }, ..] => referral.To == self && Fit(referral, item) ? null : "not-ours",
            [{ Statement: LegalHold }, { Statement: Approval approval }] => approval.Approves == statement.Id ? null : "not-ours",
            [{ Statement: ConsentRevocation revocation }] => revocation.To == self ? null : "not-ours",
            [{ Statement: Consent consent }] => consent.To == self ? null : "not-ours",
            [{ Statement: Agreement agreement }] => agreement.To == self ? null : "not-ours",
            [{ Statement: LegalHold }] => "not-approved",
            [{ Statement: FollowUp or HubAct { About: not null } }] => null,
            _ => "statements-unexpected",
        };
    }

    // The consent that it names, if it names one, and approvals of exactly this one: nothing else.
    private static bool Fit(Referral referral, FeedItem item) =>
        item.Statements.Skip(1).Count(s => s.Statement is Consent) == (referral.Consent is null ? 0 : 1)
        && item.Statements.Skip(1).All(s => s.Statement switch
        {
            Consent consent => consent.ConsentId == referral.Consent,
            Approval approval => approval.Approves == item.Statements[0].Id,
            _ => false,
        });

    // The event of a hub's own act names no agency.
    private static AgencyId? ActorOf(Statement statement) => statement.Issuer == AgencyId.Hub ? null : statement.Issuer;

    /// <summary>Which event the hub writes about a statement, docs/protocol.md §4.4.</summary>
    internal static AuditEventCode EventAbout(StatementKind kind) =>
        kind == StatementKind.ReleaseRequest ? AuditEventCode.PartReleased : AuditEventCode.StatementRecorded;

    private static async Task<Digest?> RootAtAsync(GatewayDb db, long size, CancellationToken ct) =>
        (await db.DirectoryEntries.AsNoTracking().SingleOrDefaultAsync(e => e.Index == size - 1, ct))?.Root;

    private async Task<string?> ApplyAsync(GatewayDb db, FeedItem item, AuditEvent audit, CancellationToken ct)
    {
        var signed = item.Statements[0];
        Keep(db, signed, audit.At, item);
        switch (signed.Statement)
        {
            case Agreement:
                return await Agreements.TryKeepAsync(db, signed, ct) ? null : "agreement-differs";
            case Consent:
                await KeepConsentAsync(db, signed, ct);
                return null;
            case Referral referral:
                if (await db.Referrals.AnyAsync(r => r.Id == referral.ReferralId, ct)) return "referral-known";
                if (await HasPartAsync(db, referral.Parts, ct)) return "part-known";
                foreach (var with in item.Statements.Skip(1))
                {
                    if (with.Statement is Consent) await KeepConsentAsync(db, with, ct);
                    else Keep(db, with, hubTime: null, item: null);
                }

                AlertBook.Add(db, signed, AddReferral(db, signed, referral), before: null, clock.GetUtcNow());
                return null;
            case ConsentRevocation revocation:
                return await custody.TakeRevocationAsync(db, signed.Id, revocation, audit.At, ct) ? null : "consent-unknown";
            case LegalHold:
                if (await FollowAsync(db, signed, audit.At, audit.Directory.Size, ct) is { } fault) return fault;
                Keep(db, item.Statements[1], hubTime: null, item: null);
                var approved = ((Approval)item.Statements[1].Statement).IsSecondTo(signed.Statement.Issuer, signed.Statement.Person!);
                return await custody.TakeAsync(db, signed.Statement, approved, audit.At, ct) ? null : "custody-forbids";
            case ErasureReceipt or RevocationNotice:
                return await FollowAsync(db, signed, audit.At, audit.Directory.Size, ct) ?? (await custody.TakeAsync(db, signed.Statement, approved: false, audit.At, ct) ? null : "custody-forbids");
            case FollowUp or HubAct:
                return await FollowAsync(db, signed, audit.At, audit.Directory.Size, ct);
            default:
                return "statements-unexpected";
        }
    }

    private async Task<string?> FollowAsync(GatewayDb db, SignedStatement signed, DateTimeOffset at, long directorySize, CancellationToken ct)
    {
        var follow = signed.Statement;
        if (await db.Referrals.SingleOrDefaultAsync(r => r.Id == follow.About, ct) is not { } referral) return "referral-unknown";
        if (follow.Issuer != AgencyId.Hub && referral.Other != follow.Issuer) return "issuer-unexpected";
        var before = referral.State;
        if (await MoveAsync(db, referral, signed, at, directorySize, ct) is { } fault) return fault;

        AlertBook.Add(db, signed, referral, before, clock.GetUtcNow());
        return null;
    }

    private async Task<string?> MoveAsync(
        GatewayDb db, KeptReferral referral, SignedStatement signed, DateTimeOffset at, long directorySize, CancellationToken ct)
    {
        var follow = signed.Statement;
        if (follow.Does is not { } act)
            return await db.Statements.AnyAsync(s => s.Id == follow.Follows && s.Referral == referral.Id, ct) ? null : "after-differs";
        if (referral.Role == Handoff.ActorOf(act)) return "state-forbids";
        if (await HasPartAsync(db, follow.Brings, ct)) return "part-known";
        if (act == HandoffAct.HandedBack && directory.Current.Find(referral.Recipient)?.StatusAt(directorySize) != AgencyStatus.Closed) return "handed-back-without-closing";
        if (act == HandoffAct.Expired && !await IsTooLateAsync(db, referral, at, ct)) return "expired-early";
        if (Fault(await Story.RetellAsync(db, referral, ct), referral.PartyOf(follow.Issuer), act, signed) is { } fault) return fault;

        db.Parts.AddRange(follow.Brings.Select(part =>
            new KeptPart { Sha256 = part.Sha256, Referral = referral.Id, Part = part.Part, Size = part.Size, SealedTo = self, Held = false }));
        return null;
    }

    // A statement that sets the state must have its place in the chain; another only needs to come after one that has.
    private static string? Fault(IReadOnlyList<Story.Step> steps, Party party, HandoffAct act, SignedStatement signed)
    {
        var after = signed.Statement.Follows;
        if (Handoff.SetsState(act))
            return steps.Any(step => step.Statement == signed.Id) ? null : steps[^1].Statement == after ? "state-forbids" : "after-differs";
        if (steps.All(step => step.Statement != after)) return "after-differs";
        return steps.SkipWhile(step => step.Statement != after).Any(step => Handoff.Next(step.Position, party, act) is not null) ? null : "state-forbids";
    }

    private static async Task<bool> IsTooLateAsync(GatewayDb db, KeptReferral referral, DateTimeOffset at, CancellationToken ct)
    {
        var outer = (Referral)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct)).Read().Statement;
        return Handoff.IsTooLate(referral.Urgency, outer.Expires, at);
    }

    // A file has one name, its digest: two sealings are never the same file.
    private static Task<bool> HasPartAsync(GatewayDb db, IReadOnlyList<SealedPart> parts, CancellationToken ct)
    {
        Digest[] digests = [.. parts.Select(p => p.Sha256)];
        return digests.Distinct().Count() < digests.Length ? Task.FromResult(true) : db.Parts.AnyAsync(p => digests.Contains(p.Sha256), ct);
    }

    private KeptReferral AddReferral(GatewayDb db, SignedStatement signed, Referral referral)
    {
        var kept = new KeptReferral
        {
            Id = referral.ReferralId,
            Role = Party.Recipient,
            Sender = referral.Issuer,
            Recipient = self,
            Consent = referral.Consent,
            Basis = referral.Basis,
            Release = referral.Release,
            Replaces = referral.Replaces,
            Purpose = referral.Purpose,
            Statement = signed.Id,
            Kept = clock.GetUtcNow(),
            State = Handoff.Start.State,
            Urgency = referral.Urgency,
            Current = signed.Id,
            Seen = signed.Id,
        };
        db.Referrals.Add(kept);
        db.Parts.AddRange(referral.Parts.Select(part => new KeptPart
        {
            Sha256 = part.Sha256,
            Referral = referral.ReferralId,
            Part = part.Part,
            Size = part.Size,
            SealedTo = self,
            Held = false,
        }));
        return kept;
    }

    private static async Task KeepConsentAsync(GatewayDb db, SignedStatement signed, CancellationToken ct)
    {
        var consent = (Consent)signed.Statement;
        if (await db.Consents.AnyAsync(c => c.Id == consent.ConsentId, ct)) return;
        if (db.Statements.Local.All(s => s.Id != signed.Id)) Keep(db, signed, hubTime: null, item: null);
        db.Consents.Add(new KeptConsent
        {
            Id = consent.ConsentId,
            Statement = signed.Id,
            Issuer = consent.Issuer,
            To = consent.To,
            Case = consent.Case,
        });
    }

    private static void Keep(GatewayDb db, SignedStatement signed, DateTimeOffset? hubTime, FeedItem? item) =>
        db.Statements.Add(new KeptStatement
        {
            Id = signed.Id,
            Kind = signed.Statement.Kind,
            Referral = signed.Statement.About,
            IsOurs = false,
            Approves = (signed.Statement as Approval)?.Approves,
            Token = signed.Jws.Token,
            Fate = Fate.Effective,
            HubTime = hubTime,
            Event = item?.Event.ToArray(),
            Opening = item?.Opening.ToArray(),
        });

    private Alarm NewAlarm(FeedItem item, string fault) => new()
    {
        At = clock.GetUtcNow(),
        Code = AlarmCode.FeedItemRefused,
        Detail = $"item {item.Position}: {fault}",
        Shown = Encoding.UTF8.GetBytes(
            $"{string.Join('\n', item.Statements.Select(s => s.Jws.Token))}\n{Encoding.UTF8.GetString(item.Event.Span)}\n{Convert.ToHexStringLower(item.Opening.Span)}\n"),
    };
}
