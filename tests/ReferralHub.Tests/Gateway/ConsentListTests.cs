using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using Standing = ReferralHub.Gateway.Outgoing.ListConsents.Standing;

namespace ReferralHub.Tests.Gateway;

/// <summary><c>consent list</c>: what was agreed to about somebody, and how it stands.</summary>
public sealed class ConsentListTests
{
    private const string Subject = "SYNTHETIC child 1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subjects_consents_are_listed_in_order_and_nobody_elses()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var (first, second) = (await pair.ConsentAsync(Subject), await pair.ConsentAsync(Subject, agreed: [Category.Identity]));
        var other = await pair.ConsentAsync("SYNTHETIC child 2");

        var listed = await ListAsync(pair, Subject);

        Assert.Equal([first.Consent, second.Consent], listed.Select(one => one.Consent));
        Assert.All(listed, one => Assert.Equal((pair.Shelter.Own.Id, Standing.Granted), (one.To, one.Standing)));
        Assert.Equal([ClearCategory.Summary, ClearCategory.Identity], listed[1].Categories);
        Assert.Equal([other.Consent], (await ListAsync(pair, "SYNTHETIC child 2")).Select(one => one.Consent));
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => ListAsync(pair, "SYNTHETIC child 3"))).Refusal);
    }

    [Fact]
    public async Task It_says_how_each_stands()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var revoked = await pair.ConsentAsync(Subject);
        await pair.Police.RevokeAsync(revoked.Consent);
        pair.Hub.IsDown = true;
        await pair.ConsentAsync(Subject);

        Assert.Equal([Standing.Revoked, Standing.Waiting], (await ListAsync(pair, Subject)).Select(one => one.Standing));
    }

    [Fact]
    public async Task What_cannot_carry_a_referral_never_stands_as_granted()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var recorded = await pair.ConsentAsync(Subject);
        var granted = (Consent)(await pair.Police.With(db => db.Statements.SingleAsync(s => s.Id == recorded.Statement, Ct))).Read().Statement;
        var (before, over) = (granted.ValidUntil.AddSeconds(-1), granted.ValidUntil);

        Assert.Equal(Standing.Granted, ListConsents.StandingOf(granted, Fate.Effective, isRevoked: false, before));
        Assert.Equal(Standing.Expired, ListConsents.StandingOf(granted, Fate.Effective, isRevoked: false, over));
        Assert.Equal(Standing.Waiting, ListConsents.StandingOf(granted, Fate.Waiting, isRevoked: false, before));
        Assert.Equal(Standing.Revoked, ListConsents.StandingOf(granted, Fate.Waiting, isRevoked: true, before));
        Assert.Equal(Standing.Revoked, ListConsents.StandingOf(granted, Fate.Effective, isRevoked: true, over));
        Assert.Equal(Standing.Refused, ListConsents.StandingOf(granted, Fate.Refused, isRevoked: true, before));
        Assert.Equal(Standing.Denied, ListConsents.StandingOf(granted with { Status = ConsentStatus.Denied }, Fate.Waiting, isRevoked: false, over));
    }

    private static async Task<IReadOnlyList<ListConsents.Listed>> ListAsync(TestPair pair, string subject) =>
        (await pair.Police.With(db => ListConsents.Handle(new(subject, pair.Police.Worker), db, pair.Police.Own, pair.Clock, Ct))).Consents;
}
