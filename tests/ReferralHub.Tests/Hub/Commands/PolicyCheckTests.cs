using ReferralHub.Hub.Commands;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Commands;

[Trait("store", "each")]
public sealed class PolicyCheckTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dry_run_decides_again_what_was_decided_and_lists_what_would_differ()
    {
        await using var field = await TestField.Start();
        await field.Handoff(HandoffState.Delivered);
        var statutory = await field.NewStatutory();
        await field.Takes(await field.Approved(statutory));
        await field.Sequence();
        var policy = await InForce(field);

        Assert.Empty(await Redecide(field, policy with { Version = 2 }));
        var changed = await Redecide(field, policy with { Version = 2, Bases = [Basis.Consent], Rules = null });

        var one = Assert.Single(changed);
        Assert.Equal((statutory.ReferralId, Verdict.PermitWithReview, Verdict.Refuse), (one.Referral, one.Was.Verdict, one.Would.Verdict));
        Assert.Equal([RefusalReason.BasisNotAllowed], one.Would.Reasons);
    }

    [Fact]
    public async Task The_differences_to_the_version_in_force_are_named_member_by_member()
    {
        await using var field = await TestField.Start();
        var policy = await InForce(field);

        Assert.Empty(PolicyCheck.Differences(policy, policy with { Version = 2 }));
        Assert.Equal(["maxConsentDays: 365 -> 30"], PolicyCheck.Differences(policy, policy with { Version = 2, MaxConsentDays = 30 }));
        Assert.Equal(["onDelivery: [\"evidence-window\"] -> absent"], PolicyCheck.Differences(policy, policy with { Version = 2, OnDelivery = null }));
        Assert.Contains("bases: absent -> [\"consent\",\"risk-of-significant-harm\"]", PolicyCheck.Differences(null, policy));
    }

    private static async Task<JurisdictionPolicy> InForce(TestField field)
    {
        var directory = await field.Use(db => field.Hub.Agencies.Now(db, Ct));
        return directory.Entries.FindPolicy(PolicyId.Parse("default"), directory.Head.Size)!;
    }

    private static Task<IReadOnlyList<PolicyCheck.Changed>> Redecide(TestField field, JurisdictionPolicy policy) =>
        field.Use(async db => await PolicyCheck.Redecide(db, await field.Hub.Agencies.Now(db, Ct), policy, Ct));
}
