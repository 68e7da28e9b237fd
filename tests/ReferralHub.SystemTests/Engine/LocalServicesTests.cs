using ReferralHub.Demo.Local;
using ReferralHub.Demo.Processes;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.SystemTests.Engine;

/// <summary>What docker-compose.yml starts works, as <c>deploy/local</c> starts it: over TLS, with client certificates, and gone afterwards.</summary>
[Trait("group", "engine")]
[Collection(nameof(SharedServers))]
public sealed class LocalServicesTests
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(4); // a busy machine

    // It takes long, so only where its group is named. What the compose file says is compared in any case, by ComposeTests.
    [Fact, Trait("when", "named")]
    public async Task Every_service_of_the_compose_file_is_well_a_referral_gets_through_and_nothing_is_left_behind()
    {
        var ct = TestContext.Current.CancellationToken;
        using var logs = new TemporaryFolder();
        // The servers' users have to pass through it.
        File.SetUnixFileMode(logs.Path, File.GetUnixFileMode(logs.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var demo = Path.Combine(here.Parent!.Parent!.FullName, "ReferralHub.Demo", here.Name, "referralhub-demo.dll");
        await using var local = Executable.Dotnet.Start(["exec", demo, "local"], logs.File("local.log"), logs.File("local.tmp"));

        await local.WaitForLine(line => line.Contains("well, as their health checks see it", StringComparison.Ordinal), Within, ct);
        await local.WaitForLine(line => line.StartsWith("Everything stays up", StringComparison.Ordinal), Within, ct);
        var folder = Assert.Single(Directory.GetDirectories(logs.File("local.tmp"), "referralhub-*"));
        Assert.NotEmpty(Naming(folder));
        local.Signal(Signals.Terminate);
        await local.Ended(ct);

        Assert.Equal("ended; nothing is left behind", local.LastLines[^1]);
        Assert.False(Directory.Exists(folder));
        Assert.Empty(Naming(folder));
    }

    [Fact]
    public async Task Every_secret_of_the_compose_file_is_made_and_none_can_be_read_by_others()
    {
        using var folder = new TemporaryFolder();
        var made = folder.File("secrets");
        (await Executable.Tool(Checkout.Path("deploy", "make-secrets")).Run([made], TestContext.Current.CancellationToken)).Succeeded();

        var compose = ComposeFile.Read(Checkout.Path(ComposeFile.Name));
        Assert.Equal(compose.Secrets.Keys.Append("ca.key").Order(StringComparer.Ordinal), Directory.EnumerateFiles(made).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.All(Directory.EnumerateFiles(made).Where(file => !file.EndsWith("ca.pem", StringComparison.Ordinal)), file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal(2, (await Executable.Tool(Checkout.Path("deploy", "make-secrets")).Run([made], TestContext.Current.CancellationToken)).ExitCode);
    }

    // Processes whose command line has the folder in it.
    private static List<string> Naming(string folder)
    {
        var found = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "cmdline")) is var line && line.Contains(folder, StringComparison.Ordinal)) found.Add(line.Replace('\0', ' '));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // it has ended meanwhile
            }
        }

        return found;
    }
}
