using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Profiles;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Restoring;

/// <summary>
/// Lets what came back take effect again: by the rule of its kind, at the time and in the directory of then. Where its event came
/// back too, the outcome must be that event to the last byte. Spec: docs/protocol.md §4.7.
/// </summary>
internal sealed class TakeAgain(HubDb db, Intake intake, DirectoryNow now)
{
    /// <summary>Takes one, in the write that is under way; what it did when this is false is the caller's to forget.</summary>
    public async Task<bool> Run(Returned came, CancellationToken ct)
    {
        var (signed, size) = (came.Signed, came.Directory.Size);
        if (now.Entries.FindKey(signed.Statement.Issuer, signed.Jws.Kid, size) is not { } key || !signed.Jws.IsSignedBy(key)) return false;
        var happened = signed.Statement switch
        {
            Agreement => await Take<Agreement>(came, RecordAgreement.Rule, ct),
            Consent => await Take<Consent>(came, RecordConsent.Rule, ct),
            Approval => await Take<Approval>(came, (write, submitted, _) => Task.FromResult(RecordApproval.Rule(write, submitted)), ct),
            ConsentRevocation => await Take<ConsentRevocation>(came, RevokeConsent.Rule, ct),
            Profile => await Take<Profile>(came, PublishProfile.Rule, ct),
            Capacity => await Take<Capacity>(came, PublishProfile.Rule, ct),
            Referral => await Take<Referral>(came, SubmitReferral.Rule, ct),
            Acknowledgement => await Take<Acknowledgement>(came, SetState.Rule, ct),
            SenderAct => await Take<SenderAct>(came, SetState.Rule, ct),
            Access => await Take<Access>(came, RecordAccess.Rule, ct),
            RevocationNotice => await Take<RevocationNotice>(came, NoticeRevocation.Rule, ct),
            LegalHold => await Take<LegalHold>(came, HoldReferral.Rule, ct),
            ErasureReceipt => await Take<ErasureReceipt>(came, RecordErasure.Rule, ct),
            ReleaseRequest => await Take<ReleaseRequest>(came, ReleasePart.Rule, ct),
            HubAct or CoordinatorAct => await ActAgain.Run(db, signed, now with { Head = came.Directory }, came.At, came.Opening, ct),
            _ => null,
        };
        return happened is not null && (came.Event is null || happened.Event.AsSpan().SequenceEqual(came.Event));
    }

    private async Task<AuditRecord?> Take<T>(Returned came, Func<HubDb, Submitted<T>, CancellationToken, Task<Ruling>> rule, CancellationToken ct)
        where T : Statement
    {
        var audit = await db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, ct);
        var submitted = new Submitted<T>(came.Signed, (T)came.Signed.Statement, came.At, now with { Head = came.Directory }, new(audit.ToTreeHead(), 0, null), Again: true);
        if (await rule(db, submitted, ct) is not Effective effect) return null;
        var happened = intake.Happen(submitted, effect, came.Opening);
        intake.Store(submitted, happened, Answer(came, submitted, effect, happened), effect);
        return happened;
    }

    // As it was where its promise still holds, so that whoever has it finds it kept.
    private string? Answer<T>(Returned came, Submitted<T> submitted, Effective effect, AuditRecord happened)
        where T : Statement
    {
        if (submitted.Statement is ReleaseRequest) return null;
        return came.Receipt is { Statement: HubReceipt promised } receipt && promised.Leaf == Convert.ToHexStringLower(happened.Leaf())
            ? receipt.Jws.Token
            : intake.Receipt(submitted, effect, happened);
    }
}
