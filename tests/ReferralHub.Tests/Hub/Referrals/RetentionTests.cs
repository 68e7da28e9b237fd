using ReferralHub.Hub;
using ReferralHub.Hub.Parts;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

/// <summary>How long the hub keeps sealed parts once a referral is over.</summary>
[Trait("store", "each")]
public sealed class RetentionTests
{
    private const int Days = 7;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<HandoffState> Ends => [.. Enum.GetValues<HandoffState>().Where(Handoff.IsTerminal)];

    [Fact]
    public async Task After_the_end_they_stay_as_many_days_as_the_agreement_says_and_each_end_is_an_event()
    {
        await using var field = await Field();
        var handoff = await field.Handoff(HandoffState.LoopClosed);

        field.Clock.Now += TimeSpan.FromDays(Days) - Second;
        Assert.Equal(0, await Sweep(field));
        field.Clock.Now += Second;
        Assert.Equal(3, await Sweep(field));

        await field.Refused(Refusal.PartErased, handoff.Request(Part.Note, field.Police));
        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Null(report.Finding);
        Assert.Equal(3, report.Story!.Acts.Count(act => act.Event is AuditEventCode.PartErased));
    }

    [Theory, MemberData(nameof(Ends))]
    public async Task However_it_ended(HandoffState end)
    {
        await using var field = await Field();
        await field.Handoff(end);

        field.Clock.Now += TimeSpan.FromDays(Days) - Second;
        Assert.Equal(0, await Sweep(field));
        field.Clock.Now += Second;
        Assert.True(await Sweep(field) >= 2);
    }

    [Fact]
    public async Task Before_the_end_only_the_consent_counts()
    {
        await using var field = await Field();
        var consent = await field.Consented();
        await field.Handoff(HandoffState.Completed, consent);

        field.Clock.Now = consent.EraseAt - Second;
        Assert.Equal(0, await Sweep(field));
        field.Clock.Now += Second;
        Assert.Equal(3, await Sweep(field));
    }

    [Fact]
    public async Task No_longer_than_the_consent_says()
    {
        await using var field = await TestField.Start(); // the agreement says 90 days, the consent 60
        var consent = await field.Consented();
        await field.Handoff(HandoffState.LoopClosed, consent);

        field.Clock.Now = consent.EraseAt;
        Assert.Equal(3, await Sweep(field));
    }

    [Fact]
    public async Task A_legal_hold_stops_it_until_it_is_released()
    {
        await using var field = await Field();
        var handoff = await field.Handoff(HandoffState.LoopClosed);
        await field.Takes(await field.Approved(handoff.Hold(field.Shelter, HoldAct.Placed)));

        field.Clock.Now += TimeSpan.FromDays(Days + 1);
        Assert.Equal(0, await Sweep(field));
        await field.Takes(await field.Approved(handoff.Hold(field.Shelter, HoldAct.Released)));
        Assert.Equal(3, await Sweep(field));
    }

    // With an agreement that is shorter than the consent.
    private static async Task<TestField> Field()
    {
        var field = await TestField.Start();
        var proposal = field.Police.Sign(await field.Heads(field.NewAgreement() with { EraseAfterDays = Days }));
        await field.Takes(proposal);
        await field.Receipt(field.Accepting((Agreement)proposal.Statement, proposal.Id));
        return field;
    }

    private static Task<int> Sweep(TestField field) => field.Use(db => SweepParts.RunOnce(db, field.Hub.Uploads, Ct));
}
