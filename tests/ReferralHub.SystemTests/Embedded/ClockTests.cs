using ReferralHub.Client;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>A hub whose machine's clock jumps, by Debian's faketime.</summary>
[Trait("group", "embedded")]
public sealed class ClockTests
{
    // Below the machine's own name for its architecture.
    private static readonly string Library = Directory.EnumerateDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime", "libfaketime.so.1")).Single(File.Exists);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_the_hubs_clock_jumps_ahead_and_back_nothing_is_lost_and_time_in_the_log_does_not_go_back()
    {
        await using var pair = await DirectPair.Assemble(Ct);
        var sent = new List<SignedStatement>();
        foreach (var clock in new[] { "+61s", "+0s", "-1h", "+0s" })
        {
            pair.Hub.Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = Library, ["FAKETIME"] = clock, ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" };
            await pair.Hub.Kill();
            await pair.Hub.Serve(Ct);
            var referral = await pair.Prepare(Ct);
            await pair.Sender.Hub.PostAsync(referral, Ct);
            await pair.Sender.Hub.PostAsync(referral, Ct); // the same again
            sent.Add(referral);
        }

        var fed = new List<FeedItem>();
        while (fed.Count(item => item.Statements[0].Statement is Referral) < sent.Count) fed.AddRange(await pair.Recipient.Hub.GetFeedAsync(fed.Count, TimeSpan.FromSeconds(20), Ct));
        var told = fed.Where(item => item.Statements[0].Statement is Referral).ToList();
        Assert.Equal(sent.Select(statement => statement.Id), told.Select(item => item.Statements[0].Id));
        var times = told.Select(item => AuditEvent.TryRead(item.Event.Span, out var read) ? read.At : default).ToList();
        Assert.Equal(times.Order(), times);
        await pair.Hub.Ask(Ct, "log", "verify", "--full");
    }

    [Fact]
    public async Task Who_is_61_s_ahead_of_the_hub_is_refused_and_told_why()
    {
        await using var pair = await DirectPair.Assemble(Ct);
        var referral = await pair.Prepare(Ct);
        var ahead = pair.Sender.Sign((Referral)referral.Statement with { IssuedAt = referral.Statement.IssuedAt.AddSeconds(75) }); // it may have taken some to come here

        var refused = await Assert.ThrowsAsync<HubRefusedException>(() => pair.Sender.Hub.PostAsync(ahead, Ct));

        Assert.Equal("issued-ahead", refused.Problem.Name);
        await pair.Sender.Hub.PostAsync(referral, Ct); // nothing of it was kept, so the same referral goes
    }
}
