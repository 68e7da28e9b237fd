using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Commands;

public sealed class CollectEvidenceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_collection_has_the_referrals_of_the_agencies_and_the_period_and_holds()
    {
        await using var field = await TestField.Start();
        var first = await field.Handoff(HandoffState.Declined);
        field.Clock.Now += TimeSpan.FromHours(1);
        var between = WireTime.Text(field.Clock.Now);
        var second = await field.Handoff(HandoffState.Accepted);

        Assert.Equal([first.Referral.ReferralId, second.Referral.ReferralId], await Collected(field, "all"));
        Assert.Equal([first.Referral.ReferralId], await Collected(field, "early", "--until", between));
        Assert.Equal([second.Referral.ReferralId], await Collected(field, "late", "--from", between, "--agency", field.Shelter.Id.ToString()));
        Assert.Equal(2, (await Collected(field, "pair", "--agency", field.Shelter.Id.ToString(), "--agency", field.Police.Id.ToString())).Count);
        Assert.Empty(await Collected(field, "none", "--agency", field.Ngo.Id.ToString()));
        Assert.Equal(6, (await field.Events()).Count(happened => happened.Event == AuditEventCode.EvidenceExported));
    }

    [Theory]
    [InlineData("--agency", "No_Name")]
    [InlineData("--from", "yesterday")]
    [InlineData("--from", "2026-03-02T08:00:00Z", "--until", "2026-03-02T08:00:00Z")]
    [InlineData("--agency", "one", "--agency", "two", "--agency", "three")]
    public async Task What_cannot_be_meant_is_refused_and_makes_no_folder(params string[] options)
    {
        await using var field = await TestField.Start();
        Assert.Equal(Shell.Advice, await Run(field, "bad", options));
        Assert.False(Path.Exists(Folder(field, "bad")));
    }

    [Fact]
    public async Task It_writes_over_nothing()
    {
        await using var field = await TestField.Start();
        await Collected(field, "once");
        Assert.Equal(Shell.Advice, await Run(field, "once"));
    }

    private static async Task<List<Guid>> Collected(TestField field, string name, params string[] options)
    {
        await field.Sequence();
        Assert.Equal(0, await Run(field, name, options));
        var fingerprint = Digest.Of(await field.Use(db => db.Set<DirectoryEntry>().Where(e => e.Index == 0).Select(e => e.Bytes).SingleAsync(Ct)));
        var report = EvidenceFolder.Check(file => File.ReadAllBytes(Path.Combine(Folder(field, name), file)), fingerprint);
        Assert.Null(report.Finding);
        return [.. report.Stories.Select(story => story.Referral)];
    }

    private static Task<int> Run(TestField field, string name, params string[] options) => Shell.Run(
        Shell.Root("", EvidenceCommand.Make()), ["evidence", "collect", "--out", Folder(field, name), "--data", field.Hub.Data.Root, .. options]);

    private static string Folder(TestField field, string name) => Path.Combine(field.Hub.Data.Root, name);
}
