using System.Text.Json;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>The hub's disk is lost, and yesterday's backup is not. Spec: docs/protocol.md §4.7.</summary>
[Trait("group", "embedded")]
public sealed class RestoringTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restoring_yesterdays_backup_brings_back_from_the_gateways_everything_accepted_since()
    {
        using var folder = new TemporaryFolder();
        await using var cast = await Cast.AssemblePair(folder.Path, Narrator.Silent, Ct);
        var (hub, backup) = (cast.Hub, folder.File("backup"));
        var before = new Handoff(cast.Police, cast, Narrator.Silent) { WithFiles = false };
        await before.RecordConsent(Ct);
        await before.Send(Ct);
        await before.Arrive(Ct);
        await hub.Ask(Ct, "backup", "--to", backup, "--with-keys", "--verify");

        // Since then: one goes on, one ends, one has only just been sent.
        await before.Accept(Ct);
        var ended = new Handoff(cast.Police, cast, Narrator.Silent) { WithFiles = false };
        await ended.Tell(Ct, withQuestion: false);
        var sent = new Handoff(cast.Police, cast, Narrator.Silent) { WithFiles = false };
        await sent.RecordConsent(Ct);
        await sent.Send(Ct);
        var acts = (await Taken(cast, ended)).Acts.Count;

        await hub.Kill();
        Directory.Delete(hub.Data, recursive: true);
        await hub.Ask(Ct, "restore", "--from", backup);
        await hub.Serve(Ct);
        await Until(async () => (await Executable.Hub.Run(["restore", "status", "--data", hub.Data], Ct)).ExitCode == 0);
        var opened = await hub.Ask(Ct, "restore", "open");
        Assert.Equal((2, 0), (opened.GetProperty("log").GetInt32(), opened.GetProperty("aside").GetArrayLength()));
        Assert.True(opened.GetProperty("returned").GetInt32() > 0);

        foreach (var agency in new[] { cast.Police, cast.Shelter })
        {
            await Until(async () => (await Alarms(agency)).Contains("hub-restored", StringComparison.Ordinal));
            await ClearAll(agency);
        }

        // Nothing is missing, nothing is there twice, and all goes on.
        Assert.Equal(acts, (await Taken(cast, ended)).Acts.Count);
        await before.OpenRecord(Ct);
        await before.Complete(Ct);
        await before.Close(Ct);
        await Evidence.Take(cast, new(before.Referral, cast.Police, "loop-closed"), Narrator.Silent, Ct);
        await sent.Arrive(Ct);
        await sent.Accept(Ct);
        await sent.OpenRecord(Ct);
        await Evidence.Take(cast, new(sent.Referral, cast.Police, "accepted"), Narrator.Silent, Ct);
        Assert.Equal("good", (await Executable.Hub.Run(["log", "verify", "--full", "--data", hub.Data], Ct)).Succeeded()[..4]);
        foreach (var agency in new[] { cast.Police, cast.Shelter }) Assert.Equal("[]", await Alarms(agency));
    }

    private static async Task<Evidence> Taken(Cast cast, Handoff handoff)
    {
        File.Delete(Path.Combine(cast.Folder, $"{handoff.Referral}.zip")); // of the time before
        return await Evidence.Take(cast, new(handoff.Referral, cast.Police, "loop-closed"), Narrator.Silent, Ct);
    }

    private static async Task<string> Alarms(AgencyNode agency)
    {
        var status = (await Executable.Gateway.Run(["status", "--data", agency.Data, "--json"], Ct)).Output;
        return JsonElement.Parse(status).GetProperty("alarms").GetRawText();
    }

    private static async Task ClearAll(AgencyNode agency)
    {
        var alarms = JsonElement.Parse((await Executable.Gateway.Run(["alarms", "--data", agency.Data, "--json"], Ct)).Output).GetProperty("alarms");
        foreach (var alarm in alarms.EnumerateArray())
            await agency.Ask(Ct, "alarms", "clear", alarm.GetProperty("id").GetRawText(), "--by", agency.Lead, "--reason", "restored");
    }

    private static async Task Until(Func<Task<bool>> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(Patience);
        while (!await isSo()) await Task.Delay(TimeSpan.FromMilliseconds(300), limit.Token);
    }
}
