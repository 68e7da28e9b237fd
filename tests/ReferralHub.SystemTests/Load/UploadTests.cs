using System.Diagnostics;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Age;

namespace ReferralHub.SystemTests.Load;

[Trait("group", "load")]
[Collection(nameof(SharedPair))]
public sealed class UploadTests(SharedPair shared)
{
    private const int Uploads = 20;
    private const int PartBytes = 25 << 20;
    private const int SlowPartBytes = 1 << 20; // at 1 kB a second more than any test waits for
    private const long MiB = 1 << 20;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Twenty_large_uploads_at_once_beside_twenty_slow_ones_take_little_memory_and_hold_up_no_submit()
    {
        var ct = TestContext.Current.CancellationToken;
        var pair = await shared.Meet(ct);
        using var folder = new TemporaryFolder();
        var large = Enumerable.Range(0, Uploads).Select(n => Seal(folder.File($"large-{n}"))).ToList();
        var slow = Enumerable.Range(0, Uploads).Select(n => Seal(folder.File($"slow-{n}"), SlowPartBytes)).ToList();
        await pair.Sender.Hub.PostAsync(await pair.Prepare(ct), ct);
        var before = ProcessMemory.Peak(pair.Hub.Server.Id);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var slowly = slow.Select(part => Upload(pair, part, file => new SlowStream(file), enough.Token)).ToList();
        var uploads = Task.WhenAll(large.Select(part => Upload(pair, part, file => file, ct)));
        var slowest = TimeSpan.Zero;
        var submits = 0;
        do
        {
            var referral = await pair.Prepare(ct);
            var watch = Stopwatch.StartNew();
            await pair.Sender.Hub.PostAsync(referral, ct);
            if (watch.Elapsed > slowest) slowest = watch.Elapsed;
            submits++;
        }
        while (!uploads.IsCompleted);

        await uploads;
        var grown = ProcessMemory.Peak(pair.Hub.Server.Id) - before;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"before {before / MiB} MiB, grown by {grown / MiB} MiB; {submits} submits meanwhile, the slowest {slowest.TotalMilliseconds:0} ms");
        Assert.All(slowly, upload => Assert.False(upload.IsCompleted));
        Assert.InRange(grown, 0, 64 * MiB);
        Assert.InRange(slowest, TimeSpan.Zero, Bound);

        await enough.CancelAsync();
        foreach (var upload in slowly) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        Assert.Empty(HubLogFile.Troubles(pair.Hub));
    }

    [Fact(Timeout = 120_000)]
    public async Task Uploads_that_are_cut_off_are_no_errors_of_the_hub_and_can_be_ended_later()
    {
        var ct = TestContext.Current.CancellationToken;
        var pair = await shared.Meet(ct);
        using var folder = new TemporaryFolder();
        var parts = Enumerable.Range(0, 2 * Uploads).Select(n => Seal(folder.File($"cut-{n}"), SlowPartBytes)).ToList();

        using var cut = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var uploads = parts.Select(part => Upload(pair, part, file => new SlowStream(file, SlowPartBytes / 2), cut.Token)).ToList();
        while (HeldByHub(pair, parts) < parts.Count) await Task.Delay(TimeSpan.FromMilliseconds(20), ct);
        await cut.CancelAsync();
        foreach (var upload in uploads) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);

        foreach (var part in parts) await Upload(pair, part, file => file, ct);
        Assert.Empty(HubLogFile.Troubles(pair.Hub));
    }

    /// <summary>How many of the parts the hub has begun to hold.</summary>
    private static int HeldByHub(DirectPair pair, IEnumerable<(string File, Digest Sha256)> parts) =>
        parts.Count(part => Directory.EnumerateFiles(Path.Combine(pair.Hub.Data, "spool"), $"*{part.Sha256}*", SearchOption.AllDirectories)
            .Any(file => new FileInfo(file).Length > 0));

    private static async Task Upload(DirectPair pair, (string File, Digest Sha256) part, Func<Stream, Stream> over, CancellationToken ct)
    {
        await using var file = over(File.OpenRead(part.File));
        await pair.Sender.Hub.UploadPartAsync(part.Sha256, file, ct);
    }

    /// <summary>A file of nothing, sealed to a key that nobody keeps.</summary>
    internal static (string File, Digest Sha256) Seal(string file, int size = PartBytes)
    {
        using var identity = HybridIdentity.Create();
        using var stream = new FileStream(file, FileMode.CreateNew);
        using var age = new AgeWriter(stream, new HybridRecipient(identity.PublicKey));
        var zeros = new byte[64 << 10];
        for (var written = 0; written < size - zeros.Length; written += zeros.Length) age.Write(zeros);
        age.Complete();
        stream.Position = 0;
        return (file, Digest.From(System.Security.Cryptography.SHA256.HashData(stream)));
    }
}
