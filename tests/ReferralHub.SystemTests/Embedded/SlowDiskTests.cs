using System.Diagnostics;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Demo.Processes;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>A disk that takes its time: strace, attached to the running hub, holds up each call that waits for it.</summary>
[Trait("group", "embedded")]
[Trait("when", "named")]
public sealed class SlowDiskTests
{
    private const int AtOnce = 8;

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(2); // longer than anybody in the test waits

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_a_slow_disk_everything_takes_longer_and_all_of_it_arrives()
    {
        await using var pair = await DirectPair.Assemble(Ct);
        var referrals = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => pair.Prepare(Ct)));

        await using (var disk = await SlowDisk.Of(pair.Hub.Server.Id, Slow, Ct))
        {
            await Task.WhenAll(referrals.Select(referral => pair.Sender.Hub.PostAsync(referral, Ct)));
            Assert.True(disk.Delayed >= 1);
        }

        Assert.Equal(referrals.Select(r => r.Id).ToHashSet(), (await Arrived(pair, AtOnce)).ToHashSet());
        await pair.Hub.Ask(Ct, "log", "verify", "--full");
        Assert.Empty(HubLogFile.Troubles(pair.Hub));
    }

    [Fact]
    public async Task On_a_disk_that_stands_still_the_hub_promises_nothing_says_so_and_goes_on_when_it_moves()
    {
        await using var pair = await DirectPair.Assemble(Ct);
        var referral = await pair.Prepare(Ct);

        Task answered;
        await using (await SlowDisk.Of(pair.Hub.Server.Id, Stuck, Ct))
        {
            answered = pair.Sender.Hub.PostAsync(referral, Ct);
            Assert.Equal(HubHealth.NotReady, await HubHealth.Ask(pair.Hub, Ct));
            Assert.False(answered.IsCompleted);
        }

        await answered;
        while (await HubHealth.Ask(pair.Hub, Ct) != HubHealth.Ready) await Task.Delay(TimeSpan.FromMilliseconds(200), Ct);
        Assert.Equal([referral.Id], await Arrived(pair, 1));
        await pair.Hub.Ask(Ct, "log", "verify", "--full");
    }

    private static async Task<IReadOnlyList<Digest>> Arrived(DirectPair pair, int count)
    {
        var fed = new List<FeedItem>();
        while (fed.Count(IsReferral) < count) fed.AddRange(await pair.Recipient.Hub.GetFeedAsync(fed.Count, TimeSpan.FromSeconds(20), Ct));
        return [.. fed.Where(IsReferral).Select(item => item.Statements[0].Id)];

        static bool IsReferral(FeedItem item) => item.Statements[0].Statement is Referral;
    }

    private sealed class SlowDisk(Process strace, string seen) : IAsyncDisposable
    {
        /// <summary>How many calls it has held up.</summary>
        public int Delayed => File.ReadLines(seen).Count(line => line.Contains("DELAYED", StringComparison.Ordinal));

        /// <summary>Returns when it holds up what <paramref name="process"/> writes.</summary>
        public static async Task<SlowDisk> Of(int process, TimeSpan delay, CancellationToken ct)
        {
            var seen = Path.GetTempFileName();
            string[] arguments =
            [
                "-f", "-p", $"{process}", "-o", seen, "-e", "trace=fsync,fdatasync", "-e", $"inject=fsync,fdatasync:delay_exit={delay.TotalMicroseconds}",
            ];
            var strace = Process.Start(new ProcessStartInfo("strace", arguments) { RedirectStandardError = true })!;
            await strace.StandardError.ReadLineAsync(ct); // Process N attached
            _ = strace.StandardError.ReadToEndAsync(ct);
            return new(strace, seen);
        }

        public async ValueTask DisposeAsync()
        {
            Signals.Send(strace.Id, Signals.Terminate);
            await strace.WaitForExitAsync(CancellationToken.None);
            strace.Dispose();
            File.Delete(seen);
        }
    }
}
