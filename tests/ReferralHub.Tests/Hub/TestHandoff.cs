using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub;

/// <summary>One referral from the police to the shelter, and where it stands.</summary>
internal sealed class TestHandoff(TestField field, Referral referral)
{
    private static readonly Handle Worker = Handle.Parse("noor2");

    public Referral Referral => referral;

    private readonly Dictionary<Part, SealedPart> _brought = [];

    public HandoffPosition Position { get; private set; }

    public HandoffState State => Position.State;

    /// <summary>The last statement that set the state.</summary>
    public Digest After { get; private set; }

    public async Task Send()
    {
        var signed = field.Police.Sign(await field.Heads(referral));
        Assert.Equal(201, Assert.IsType<ContentHttpResult>(await field.Post(signed)).StatusCode);
        (Position, After) = (Handoff.Start, signed.Id);
    }

    /// <summary>Does what is next.</summary>
    public async Task Do(HandoffAct act)
    {
        await Upload(act);
        var signed = Sign(await field.Heads(Act(act)));
        Assert.Equal(201, Assert.IsType<ContentHttpResult>(await field.Post(signed)).StatusCode);
        Moved(act, signed.Id);
    }

    /// <summary>Has the hub hand back what its recipient has, as it does when that is closed.</summary>
    public async Task HandBack()
    {
        await field.HandBack();
        Moved(HandoffAct.HandedBack, (await field.Events())[^1].Statement!.Value);
    }

    /// <summary>Lets its time pass and the hub look.</summary>
    public async Task Expire()
    {
        field.Clock.Now = referral.Expires;
        Assert.Equal(1, await field.Expire());
        Moved(HandoffAct.Expired, (await field.Events())[^1].Statement!.Value);
    }

    /// <summary>Puts up the part that an act brings, a new one each time.</summary>
    public async Task Upload(HandoffAct act)
    {
        if (PartOf(act) is { } part) _brought[part] = await field.Upload(part, part is Part.Answer ? field.Police : field.Shelter);
    }

    /// <summary>The act as its party states it, coming after what was last.</summary>
    public FollowUp Act(HandoffAct act) => HandoffTable.Actors[act] is Party.Sender
        ? new SenderAct
        {
            Issuer = referral.Issuer,
            IssuedAt = field.In(default),
            Directory = TestField.Nowhere,
            AuditLog = TestField.Nowhere,
            Referral = referral.ReferralId,
            After = After,
            Act = act,
            By = Worker,
            Reason = act is HandoffAct.Withdrawn ? WithdrawalReason.PlacedElsewhere : null,
            Urgency = act is HandoffAct.UrgencyChanged ? Urgency.Standard : null,
            UrgencyReason = act is HandoffAct.UrgencyChanged ? UrgencyReason.RiskDecreased : null,
            Parts = Brought(act),
        }
        : new Acknowledgement
        {
            Issuer = referral.To,
            IssuedAt = field.In(default),
            Directory = TestField.Nowhere,
            AuditLog = TestField.Nowhere,
            Referral = referral.ReferralId,
            After = After,
            Act = act,
            By = act is HandoffAct.Delivered or HandoffAct.Undeliverable or HandoffAct.ContentMismatch ? null : Worker,
            ExpectedBy = act is HandoffAct.Accepted ? field.In(TimeSpan.FromDays(1)) : null,
            Reason = act is HandoffAct.Declined ? DeclineReason.NoCapacity : null,
            Outcome = act is HandoffAct.Completed ? Outcome.NeedsMet : null,
            Failure = act is HandoffAct.Failed ? FailReason.Moved : null,
            Fault = act is HandoffAct.Undeliverable or HandoffAct.ContentMismatch ? DeliveryFault.NotAsPromised : null,
            Part = act is HandoffAct.ContentMismatch ? Part.Summary : null,
            Sha256 = act is HandoffAct.ContentMismatch ? referral.Parts[0].Sha256 : null,
            Parts = Brought(act),
        };

    /// <summary>The same referral where the hub is another.</summary>
    public TestHandoff At(TestField restored) => new(restored, referral) { Position = Position, After = After };

    /// <summary>Asks for a part as <paramref name="by"/>.</summary>
    public ReleaseRequest Request(Part part, TestAgency by, Digest? sha256 = null) => new()
    {
        Issuer = by.Id,
        IssuedAt = field.In(default),
        Directory = TestField.Nowhere,
        AuditLog = TestField.Nowhere,
        Referral = referral.ReferralId,
        After = After,
        Part = part,
        Sha256 = sha256 ?? DigestOf(part),
        Purpose = Purpose.Protection,
        By = Worker,
    };

    public Access Access(Part part, TestAgency by, Digest? sha256 = null) => new()
    {
        Issuer = by.Id,
        IssuedAt = field.In(default),
        Directory = TestField.Nowhere,
        AuditLog = TestField.Nowhere,
        Referral = referral.ReferralId,
        After = After,
        Act = AccessAct.Opened,
        Part = part,
        Sha256 = sha256 ?? DigestOf(part),
        Purpose = Purpose.Protection,
        By = Worker,
    };

    public RevocationNotice Notice(TestAgency by) => new()
    {
        Issuer = by.Id,
        IssuedAt = field.In(default),
        Directory = TestField.Nowhere,
        AuditLog = TestField.Nowhere,
        Referral = referral.ReferralId,
        After = After,
        By = Worker,
    };

    public ErasureReceipt Erasure(TestAgency by, ErasureAct act, KeepGround? ground = null) => new()
    {
        Issuer = by.Id,
        IssuedAt = field.In(default),
        Directory = TestField.Nowhere,
        AuditLog = TestField.Nowhere,
        Referral = referral.ReferralId,
        After = After,
        Act = act,
        Ground = ground,
        By = Worker,
    };

    public LegalHold Hold(TestAgency by, HoldAct act) => new()
    {
        Issuer = by.Id,
        IssuedAt = field.In(default),
        Directory = TestField.Nowhere,
        AuditLog = TestField.Nowhere,
        Referral = referral.ReferralId,
        After = After,
        Act = act,
        By = Worker,
    };

    private static Part? PartOf(HandoffAct act) => act switch
    {
        HandoffAct.InformationRequested => Part.Question,
        HandoffAct.InformationProvided => Part.Answer,
        HandoffAct.Completed or HandoffAct.Failed or HandoffAct.InterimNote or HandoffAct.Appointment => Part.Note,
        _ => null,
    };

    private IReadOnlyList<SealedPart>? Brought(HandoffAct act) =>
        PartOf(act) is { } part ? [_brought.GetValueOrDefault(part) ?? new SealedPart(part, Digest.Of("none"u8), 1)] : null;

    private Digest DigestOf(Part part) => part switch
    {
        Part.Summary => referral.Parts[0].Sha256,
        Part.Record => referral.Parts[1].Sha256,
        _ => _brought.GetValueOrDefault(part)?.Sha256 ?? Digest.Of("none"u8),
    };

    private void Moved(HandoffAct act, Digest statement)
    {
        Position = HandoffTable.Cells[(Position, act)]!.Value;
        if (!HandoffTable.Events.Contains(act)) After = statement;
    }

    private SignedStatement Sign(Statement statement) =>
        (statement.Issuer == field.Police.Id ? field.Police : field.Shelter).Sign(statement);
}
