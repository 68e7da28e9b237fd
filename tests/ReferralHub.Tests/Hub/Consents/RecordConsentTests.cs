using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub;
using ReferralHub.Hub.Outbox;

namespace ReferralHub.Tests.Hub.Consents;

public sealed class RecordConsentTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refuses_another_consent_under_an_id_in_use()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();

        await field.Refused(Refusal.IdTaken, consent with { ValidUntil = consent.ValidUntil.AddDays(1) });
    }

    [Fact]
    public async Task Tells_nobody_before_a_referral_relies_on_it()
    {
        await using var field = await TestField.Start();
        var before = await field.Use(db => db.Set<OutboxMessage>().CountAsync(Ct));

        await field.Consented();

        Assert.Equal(before, await field.Use(db => db.Set<OutboxMessage>().CountAsync(Ct)));
    }
}
