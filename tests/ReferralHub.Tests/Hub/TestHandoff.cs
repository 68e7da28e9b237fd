using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub;

/// <summary>One referral from the police to the shelter, and where it stands.</summary>
internal sealed class TestHandoff(TestField field, Referral referral)
{
    private static readonly Handle Worker = Handle.Parse("noor2");

    public Referral Referral => referral;

    public HandoffState State { get; private set; }

    /// <summary>The last statement that set the state.</summary>
    public Digest After { get; private set; }

    public SealedPart? Note { get; private set; }

    public async Task Send()
    {
        var signed = field.Police.Sign(await field.Heads(referral));
        Assert.Equal(201, Assert.IsType<ContentHttpResult>(await field.Post(signed)).StatusCode);
        (State, After) = (HandoffState.Sent, signed.Id);
    }

    /// <summary>Does what is next.</summary>
    public async Task Do(HandoffAct act)
    {
        if (act is HandoffAct.Completed) Note = await field.Upload(Part.Note, field.Shelter);
        var signed = Sign(await field.Heads(Act(act)));
        Assert.Equal(201, Assert.IsType<ContentHttpResult>(await field.Post(signed)).StatusCode);
        (State, After) = (Handoff.Next(State, Handoff.ActorOf(act), act)!.Value, signed.Id);
    }

    /// <summary>The act as its party states it, coming after what was last.</summary>
    public FollowUp Act(HandoffAct act) => act is HandoffAct.LoopClosed
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
            By = act is HandoffAct.Delivered ? null : Worker,
            ExpectedBy = act is HandoffAct.Accepted ? field.In(TimeSpan.FromDays(1)) : null,
            Reason = act is HandoffAct.Declined ? DeclineReason.NoCapacity : null,
            Outcome = act is HandoffAct.Completed ? Outcome.NeedsMet : null,
            Parts = act is HandoffAct.Completed ? [Note ?? new SealedPart(Part.Note, Digest.Of("none"u8), 1)] : null,
        };

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

    private Digest DigestOf(Part part) => part switch
    {
        Part.Summary => referral.Parts[0].Sha256,
        Part.Record => referral.Parts[1].Sha256,
        Part.Note => Note?.Sha256 ?? Digest.Of("none"u8),
    };

    private SignedStatement Sign(Statement statement) =>
        (statement.Issuer == field.Police.Id ? field.Police : field.Shelter).Sign(statement);
}
