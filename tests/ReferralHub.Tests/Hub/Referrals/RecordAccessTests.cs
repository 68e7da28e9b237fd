using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class RecordAccessTests
{
    [Fact]
    public async Task An_access_is_kept_and_moves_nothing()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);

        var receipt = await field.Receipt(handoff.Access(Part.Record, field.Shelter));

        Assert.Equal(HandoffState.Accepted, receipt.State);
        Assert.Null((await field.Events())[^1].Act);
        await handoff.Do(HandoffAct.Completed);
    }

    [Fact]
    public async Task A_disclosure_leaves_who_when_to_whom_about_which_case_what_why_and_on_whose_authority()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        var sent = handoff.Referral;
        var access = handoff.Access(Part.Record, field.Shelter);

        await field.Receipt(access);

        var (opened, submitted) = ((await field.Events())[^1], (await field.Events()).First(e => e.Statement is not null && e.Referral == sent.ReferralId));
        Assert.Equal((field.Clock.Now, field.Shelter.Id, sent.ReferralId, access.Kind), (opened.At, opened.Agency, opened.Referral, opened.Kind!.Value));
        Assert.NotNull(access.Person);
        Assert.Equal((Part.Record, sent.Purpose), (access.Part, access.Purpose));
        // By the referral: to whom, whose case, which categories, on what it rests; by the decision: under whose policy.
        Assert.Equal((field.Shelter.Id, Basis.Consent), (sent.To, sent.Basis));
        Assert.NotNull(sent.Consent);
        Assert.NotEmpty(sent.Categories);
        Assert.True(submitted.Decision!.Permit);
        Assert.Equal("default@1", submitted.Decision.Policy);
    }

    [Fact]
    public async Task An_access_may_come_after_an_earlier_statement_but_not_after_one_that_never_was()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        var offline = handoff.Access(Part.Record, field.Shelter);
        await handoff.Do(HandoffAct.Completed);

        await field.Receipt(offline);
        await field.Refused(Refusal.Stale, offline with { After = Digest.Of("never"u8) });
    }

    [Fact]
    public async Task Refuses_an_access_to_what_the_referral_does_not_have_or_by_a_stranger()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);

        await field.Refused(Refusal.PartDiffers, handoff.Access(Part.Record, field.Shelter, Digest.Of("other"u8)));
        await field.Refused(Refusal.PartDiffers, handoff.Access(Part.Note, field.Police));
        await field.Refused(Refusal.NotFound, handoff.Access(Part.Record, field.Ngo));
    }
}
