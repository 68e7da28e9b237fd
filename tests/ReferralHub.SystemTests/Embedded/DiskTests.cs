using System.Runtime.CompilerServices;
using ReferralHub.Client;
using ReferralHub.Demo;
using ReferralHub.Demo.Processes;
using ReferralHub.Demo.Stories;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>
/// Disks that are full or read-only. It takes a mount: who is not root gets a user namespace, in which the test runs once more as root.
/// </summary>
[Trait("group", "embedded")]
public sealed class DiskTests
{
    private const string Small = "size=48m";

    private static readonly TimeSpan Rounds = TimeSpan.FromSeconds(8); // those of the gateways come every 5 s while something fails

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public Task On_a_full_disk_everybody_says_no_and_what_was_said_before_goes_on_once_there_is_room() => AsRoot(async (folder, mounts) =>
    {
        await using var cast = await Cast.AssemblePair(folder.Path, Narrator.Silent, Ct);
        var handoff = new Handoff(cast.Police, cast, Narrator.Silent) { WithFiles = false };
        await handoff.RecordConsent(Ct);
        await handoff.Send(Ct);
        await handoff.Arrive(Ct);
        await cast.Police.Kill();
        await cast.Hub.Kill();
        foreach (var data in new[] { cast.Police.Data, cast.Hub.Data }) await mounts.Confine(data);
        await cast.Hub.Serve(Ct);
        await cast.Police.Serve(Ct);
        await using var pair = await DirectPair.Join(cast.Hub, Ct);

        foreach (var data in new[] { cast.Police.Data, cast.Hub.Data }) Fill(data);
        var paper = Path.Combine(handoff.Papers, "referral.json");
        Assert.Equal("store-failed", (await cast.Police.SendInVain(paper, cast.Shelter, handoff.Consent, Ct)).Error);
        var refused = await Assert.ThrowsAsync<HubRefusedException>(() => pair.Prepare(Ct));
        Assert.Equal(("store-failed", 503), (refused.Problem.Name, refused.Problem.Status));
        Assert.Equal(HubHealth.NotReady, await HubHealth.Ask(cast.Hub, Ct));
        await Task.Delay(Rounds, Ct);
        Assert.False(cast.Hub.Server.HasEnded || cast.Police.Server.HasEnded);

        foreach (var data in new[] { cast.Police.Data, cast.Hub.Data }) File.Delete(Ballast(data));
        Assert.Equal(HubHealth.Ready, await HubHealth.Ask(cast.Hub, Ct));
        await handoff.Accept(Ct);
        await handoff.OpenRecord(Ct);
        await handoff.Complete(Ct);
        await handoff.Close(Ct);
        await Evidence.Take(cast, new(handoff.Referral, cast.Police, "loop-closed"), Narrator.Silent, Ct);
        Assert.Equal(1, (await cast.Police.Ask(Ct, "sent")).GetProperty("referrals").GetArrayLength()); // nothing half done is among them
        await cast.Hub.Ask(Ct, "log", "verify", "--full");
    });

    [Fact]
    public Task A_folder_that_cannot_be_written_is_named_at_the_start() => AsRoot(async (folder, mounts) =>
    {
        await using var hub = new HubNode(folder.Path);
        await hub.Found(Narrator.Silent, Ct);
        await using var police = new AgencyNode(folder.Path, "police", "police", "SYNTHETIC Police", "SYNTHETIC Officer", "police");
        await police.Init(Ct);
        foreach (var data in new[] { police.Data, hub.Data }) await mounts.Lock(data);

        var served = await Executable.Hub.Run(["serve", "--data", hub.Data], Ct);
        Assert.StartsWith($"--data = '{hub.Data}': It cannot be written", served.Error, StringComparison.Ordinal);
        Assert.Equal(2, served.ExitCode);
        var opened = await Executable.Gateway.Run(["serve", "--data", police.Data, "--passphrase-file", police.Data + ".passphrase", "--json"], Ct);
        Assert.Contains($"--data {police.Data}: cannot be written", opened.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, opened.ExitCode);
    });

    private static string Ballast(string data) => Path.Combine(data, "ballast");

    private static void Fill(string data)
    {
        using var ballast = new FileStream(Ballast(data), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            while (true) ballast.Write(new byte[4 << 10]);
        }
        catch (IOException)
        {
            // That is what it is for.
        }
    }

    private static async Task AsRoot(Func<TemporaryFolder, Mounts, Task> test, [CallerMemberName] string name = "")
    {
        if (!Environment.IsPrivilegedProcess)
        {
            string[] again = ["--user", "--map-root-user", "--mount", Environment.ProcessPath!, "exec", typeof(DiskTests).Assembly.Location, "-method", $"{typeof(DiskTests).FullName}.{name}", "-noColor", "-noLogo"];
            Assert.Contains("Failed: 0", (await Executable.Tool("unshare").Run(again, Ct)).Succeeded(), StringComparison.Ordinal);
            return;
        }

        using var folder = new TemporaryFolder();
        await using var mounts = new Mounts();
        await test(folder, mounts);
    }

    /// <summary>What is mounted, until the test is over.</summary>
    private sealed class Mounts : IAsyncDisposable
    {
        private readonly Stack<string> _mounted = new();

        /// <summary>Gives what is in a folder a small disk of its own.</summary>
        public async Task Confine(string folder)
        {
            var copy = folder + ".copy";
            Directory.Move(folder, copy);
            Directory.CreateDirectory(folder, File.GetUnixFileMode(copy));
            await Run("mount", "-t", "tmpfs", "-o", $"{Small},mode=700", "tmpfs", folder);
            _mounted.Push(folder);
            await Run("cp", "-a", copy + "/.", folder);
        }

        /// <summary>Makes a folder read-only.</summary>
        public async Task Lock(string folder)
        {
            await Run("mount", "--bind", folder, folder);
            _mounted.Push(folder);
            await Run("mount", "-o", "remount,bind,ro", folder);
        }

        public async ValueTask DisposeAsync()
        {
            while (_mounted.TryPop(out var folder)) await Run("umount", "--lazy", folder);
        }

        private static async Task Run(string program, params string[] arguments) =>
            (await Executable.Tool(program).Run(arguments, CancellationToken.None)).Succeeded();
    }
}
