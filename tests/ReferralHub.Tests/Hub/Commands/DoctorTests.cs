using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Restoring;

namespace ReferralHub.Tests.Hub.Commands;

/// <summary>Each check finds what it is there for, and says what to do.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DoctorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hub_that_is_well_has_fourteen_good_checks()
    {
        await using var hub = await Served();

        var (exit, found) = await Run(hub);

        Assert.Equal(0, exit);
        Assert.Equal(Enumerable.Range(1, 14), found.Select(f => f.Number));
        Assert.All(found, f => Assert.Equal(("good", (string?)null), (f.Severity, f.Fix)));
    }

    [Fact]
    public async Task Each_fault_is_found_by_its_own_check_with_its_fix()
    {
        await using var hub = await Served();

        File.SetUnixFileMode(hub.Data.KeyFiles[0], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await Finds(hub, 3, "broken", $"chmod 600 {hub.Data.KeyFiles[0]}");
        File.SetUnixFileMode(hub.Data.Root, File.GetUnixFileMode(hub.Data.Root) | UnixFileMode.OtherExecute);
        await Finds(hub, 3, "broken", $"chmod 700 {hub.Data.Root}");

        await hub.Use(db => db.Set<LogHead>().ExecuteUpdateAsync(set => set.SetProperty(h => h.Cosigned, TimeProvider.System.GetUtcNow().AddHours(-2)), Ct));
        await Finds(hub, 9, "advice", "Start the server");

        await hub.Use(db => Add(db, new ParkedMessage { Seq = 7, MessageId = Guid.CreateVersion7(), StreamId = "s", Type = "t", Body = [], Parked = hub.Clock.Now, Error = "JsonException" }));
        await Finds(hub, 12, "broken", "referralhub outbox parked");

        await hub.Use(db => Add(db, new Restoration { Number = 2, Backup = hub.Clock.Now, Directory = 1 }));
        await Finds(hub, 14, "advice", "restore open");

        await hub.Use(db => db.Set<StoredTile>().ExecuteUpdateAsync(set => set.SetProperty(t => t.Hashes, new byte[32]), Ct));
        await Finds(hub, 8, "broken", "restore the last backup elsewhere");

        await File.WriteAllTextAsync(hub.Data.Engine, "{}", Ct);
        await Finds(hub, 2, "broken", null);
        File.Delete(hub.Data.Engine);
        File.Delete(hub.Data.CaKey);
        await Finds(hub, 4, "broken", null);
    }

    // The commands' own clock is the machine's.
    private static async Task<TestHub> Served()
    {
        var hub = await TestHub.Start();
        hub.Clock.Now = TimeProvider.System.GetUtcNow();
        await Audit.SequencerTests.RunAll(hub);
        await hub.Use(db => db.Set<LogHead>().ExecuteUpdateAsync(set => set.SetProperty(h => h.Cosigned, hub.Clock.Now), Ct));
        return hub;
    }

    private static async Task Finds(TestHub hub, int number, string severity, string? fix)
    {
        var (exit, found) = await Run(hub);
        var one = found.Single(f => f.Number == number);
        Assert.Equal((number, severity), (number, one.Severity));
        Assert.NotEqual(0, exit);
        if (fix is not null) Assert.Contains(fix, one.Fix, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, IReadOnlyList<Found> Found)> Run(TestHub hub)
    {
        var answer = await Doctor.Run(hub.Data, Ct);
        return (answer.Exit, JsonSerializer.Deserialize<List<Found>>(JsonSerializer.Serialize(answer.Json), JsonSerializerOptions.Web)!);
    }

    private static Task<int> Add(HubDb db, object row)
    {
        db.Add(row);
        return db.SaveChangesAsync(Ct);
    }

    private sealed record Found(int Number, string Check, string Severity, string? Fix);
}
