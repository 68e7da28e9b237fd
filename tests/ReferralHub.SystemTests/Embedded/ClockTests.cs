using ReferralHub.Client;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>Clocks that differ.</summary>
[Trait("group", "embedded")]
[Collection(nameof(SharedPair))]
public sealed class ClockTests(SharedPair shared)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_61_s_ahead_of_the_hub_is_refused_and_told_why()
    {
        var pair = await shared.Meet(Ct);
        var referral = await pair.Prepare(Ct);
        var ahead = pair.Sender.Sign((Referral)referral.Statement with { IssuedAt = referral.Statement.IssuedAt.AddSeconds(75) }); // it may have taken some to come here

        var refused = await Assert.ThrowsAsync<HubRefusedException>(() => pair.Sender.Hub.PostAsync(ahead, Ct));

        Assert.Equal("issued-ahead", refused.Problem.Name);
        await pair.Sender.Hub.PostAsync(referral, Ct); // nothing of it was kept, so the same referral goes
    }

    [Fact]
    [Trait("when", "named")]
    public async Task A_hub_whose_clock_jumps_ahead_and_back_goes_on_and_its_log_never_goes_back()
    {
        await using var pair = await DirectPair.Assemble(Ct);
        using var folder = new TemporaryFolder();
        var clock = folder.File("clock");
        await File.WriteAllTextAsync(clock, "+0", Ct);
        pair.Hub.Environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Select(path => Path.Combine(path, "faketime", "libfaketimeMT.so.1")).Single(File.Exists),
            ["FAKETIME_TIMESTAMP_FILE"] = clock,
            ["FAKETIME_NO_CACHE"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
        };
        await pair.RestartHub(Ct);

        var before = await pair.Prepare(Ct);
        await pair.Sender.Hub.PostAsync(before, Ct);
        await File.WriteAllTextAsync(clock, "+4m", Ct);
        var ahead = await pair.Prepare(Ct);
        await pair.Sender.Hub.PostAsync(ahead, Ct); // told four minutes ago, as the hub sees it
        await File.WriteAllTextAsync(clock, "-4m", Ct);
        var behind = await pair.Prepare(Ct);
        await pair.Sender.Hub.PostAsync(behind, Ct); // its own time stands still until the clock has caught up

        var told = new List<FeedItem>();
        while (told.Count(item => item.Statements[0].Statement is Referral) < 3) told.AddRange(await pair.Recipient.Hub.GetFeedAsync(told.Count, TimeSpan.FromSeconds(20), Ct));
        Assert.Equal([before.Id, ahead.Id, behind.Id], told.Where(item => item.Statements[0].Statement is Referral).Select(item => item.Statements[0].Id));
        var times = told.Select(item => AuditEvent.TryRead(item.Event.Span, out var read) ? read.At : default).ToList();
        Assert.Equal(times.Order(), times);
        Assert.InRange(times[^1] - times[0], TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(6));
        await pair.Hub.Ask(Ct, "log", "verify", "--full");
        Assert.Empty(HubLogFile.Troubles(pair.Hub));
    }
}
