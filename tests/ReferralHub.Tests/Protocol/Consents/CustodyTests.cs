using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Consents;

/// <summary>Who may hold, release, erase and keep: every row of docs/protocol.md §3.8, written out again.</summary>
public sealed class CustodyTests
{
    private static readonly Custody Free = Custody.Start, Revoked = Free with { IsRevoked = true };

    [Theory]
    [InlineData(Party.Sender)]
    [InlineData(Party.Recipient)]
    public void A_hold_takes_two_people_and_so_does_its_release(Party party)
    {
        Assert.Null(Free.Next(party, Hold(HoldAct.Placed), approved: false));
        var held = Free.Next(party, Hold(HoldAct.Placed), approved: true)!;
        Assert.True(held.IsHeld);
        Assert.Null(held.Next(party, Hold(HoldAct.Released), approved: false));
        Assert.Equal(Free, held.Next(party, Hold(HoldAct.Released), approved: true));
    }

    [Fact]
    public void Each_side_holds_and_releases_only_its_own()
    {
        var held = Free.Next(Party.Sender, Hold(HoldAct.Placed), approved: true)!;
        Assert.Null(held.Next(Party.Sender, Hold(HoldAct.Placed), approved: true));
        Assert.Null(held.Next(Party.Recipient, Hold(HoldAct.Released), approved: true));
        Assert.True(held.Next(Party.Recipient, Hold(HoldAct.Placed), approved: true) is { SenderHolds: true, RecipientHolds: true });
    }

    [Fact]
    public void The_recipient_alone_erases_once_and_not_what_it_holds()
    {
        Assert.Null(Free.Next(Party.Sender, Receipt(ErasureAct.Erased), approved: true));
        var erased = Free.Next(Party.Recipient, Receipt(ErasureAct.Erased), approved: false)!;
        Assert.True(erased.IsErased);
        Assert.Null(erased.Next(Party.Recipient, Receipt(ErasureAct.Erased), approved: false));
        Assert.Null((Free with { RecipientHolds = true }).Next(Party.Recipient, Receipt(ErasureAct.Erased), approved: true));
        Assert.NotNull((Free with { SenderHolds = true }).Next(Party.Recipient, Receipt(ErasureAct.Erased), approved: false));
    }

    [Fact]
    public void Only_what_was_revoked_is_kept_on_a_ground_and_on_a_hold_only_while_there_is_one()
    {
        Assert.Null(Free.Next(Party.Recipient, Receipt(ErasureAct.Kept, KeepGround.CourtRuling), approved: false));
        Assert.Equal(Revoked, Revoked.Next(Party.Recipient, Receipt(ErasureAct.Kept, KeepGround.CourtRuling), approved: false));
        Assert.Null(Revoked.Next(Party.Sender, Receipt(ErasureAct.Kept, KeepGround.CourtRuling), approved: false));
        Assert.Null(Revoked.Next(Party.Recipient, Receipt(ErasureAct.Kept, KeepGround.LegalHold), approved: false));
        Assert.NotNull((Revoked with { RecipientHolds = true }).Next(Party.Recipient, Receipt(ErasureAct.Kept, KeepGround.LegalHold), approved: false));
        Assert.Null((Revoked with { IsErased = true }).Next(Party.Recipient, Receipt(ErasureAct.Kept, KeepGround.CourtRuling), approved: false));
    }

    [Theory]
    [InlineData(Urgency.Emergency, 1)]
    [InlineData(Urgency.Urgent, 24)]
    [InlineData(Urgency.Standard, 24)]
    [InlineData(Urgency.Planned, 24)]
    public void A_revocation_is_answered_within_an_hour_in_an_emergency_else_within_a_day(Urgency urgency, int hours) =>
        Assert.Equal(Story.Start.AddHours(hours), ErasureDue.Of(urgency, Story.Start));

    private static LegalHold Hold(HoldAct act) => new()
    {
        Issuer = Story.Shelter,
        IssuedAt = Story.Start,
        Directory = new(0, default),
        AuditLog = new(0, default),
        Referral = Story.Id(3),
        After = default,
        Act = act,
        By = Handle.Parse("wrk0002"),
    };

    private static ErasureReceipt Receipt(ErasureAct act, KeepGround? ground = null) => new()
    {
        Issuer = Story.Shelter,
        IssuedAt = Story.Start,
        Directory = new(0, default),
        AuditLog = new(0, default),
        Referral = Story.Id(3),
        After = default,
        Act = act,
        Ground = ground,
        By = Handle.Parse("wrk0002"),
    };
}
