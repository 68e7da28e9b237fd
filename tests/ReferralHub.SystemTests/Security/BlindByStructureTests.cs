using System.Text.RegularExpressions;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Security;

/// <summary>That the hub cannot read is how it is built: it lacks what opens an envelope, and must not reach for it.</summary>
[Trait("group", "security")]
public sealed partial class BlindByStructureTests
{
    private const string Sealing = "ReferralHub.Sealing.dll";

    [Fact]
    public async Task The_published_hub_lacks_all_that_opens_an_envelope()
    {
        using var hub = new TemporaryFolder();
        using var gateway = new TemporaryFolder();
        await Publish("ReferralHub.Hub", hub.Path);
        await Publish("ReferralHub.Gateway", gateway.Path);

        Assert.True(File.Exists(hub.File("referralhub.dll")));
        Assert.False(File.Exists(hub.File(Sealing)));
        Assert.DoesNotContain("ReferralHub.Sealing", await File.ReadAllTextAsync(hub.File("referralhub.deps.json"), Cancelled), StringComparison.Ordinal);
        Assert.True(File.Exists(gateway.File(Sealing)));
    }

    [Fact]
    public async Task A_banned_symbol_in_the_hub_fails_the_build()
    {
        using var copy = new TemporaryFolder();
        Checkout.CopySources(copy.Path);
        await File.WriteAllTextAsync(
            copy.File("src/ReferralHub.Hub/Planted.cs"),
            """
            namespace ReferralHub.Hub;

            internal static class Planted
            {
                public static NSec.Cryptography.AeadAlgorithm Opens { get; } = NSec.Cryptography.AeadAlgorithm.ChaCha20Poly1305;
                public static Task Strays(MassTransit.IBus bus) => bus.Publish(new object());
                public static System.DateTime Guesses() => System.DateTime.UtcNow;
            }

            """,
            Cancelled);

        var build = await Executable.Dotnet.Run(
            ["build", copy.File("src/ReferralHub.Hub"), "-p:RestoreLockedMode=true", "--disable-build-servers", "--nologo", "-v:quiet"], Cancelled);

        Assert.NotEqual(0, build.ExitCode);
        var errors = Errors().Matches(build.Output).Select(m => (File: m.Groups["file"].Value, Line: m.Groups["line"].Value, Code: m.Groups["code"].Value)).Distinct();
        Assert.Equal([("Planted.cs", "5", "RS0030"), ("Planted.cs", "6", "RS0030"), ("Planted.cs", "7", "RS0030")], errors.Order());
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task Publish(string project, string folder) =>
        (await Executable.Dotnet.Run(
            ["publish", Checkout.Path("src", project), "--configuration", new DirectoryInfo(AppContext.BaseDirectory).Name, "--no-build", "--nologo", "-v:quiet", "--output", folder],
            Cancelled)).Succeeded();

    [GeneratedRegex(@"(?<file>[^/\s]+\.cs)\((?<line>\d+),\d+\): error (?<code>[A-Z]+\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Errors();
}
