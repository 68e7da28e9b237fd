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
        await Task.WhenAll(Publish("ReferralHub.Hub", hub.Path), Publish("ReferralHub.Gateway", gateway.Path));

        Assert.True(File.Exists(hub.File("referralhub.dll")));
        Assert.False(File.Exists(hub.File(Sealing)));
        Assert.DoesNotContain("ReferralHub.Sealing", await File.ReadAllTextAsync(hub.File("referralhub.deps.json"), Cancelled), StringComparison.Ordinal);
        Assert.True(File.Exists(gateway.File(Sealing)));
    }

    [Fact]
    public async Task A_banned_symbol_in_the_hub_fails_the_build()
    {
        using var planted = new TemporaryFolder();
        await File.WriteAllTextAsync(
            planted.File("Planted.cs"),
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
        await File.WriteAllTextAsync(
            planted.File("plant.targets"),
            """
            <Project>
              <PropertyGroup Condition="'$(MSBuildProjectName)' == 'ReferralHub.Hub'">
                <IntermediateOutputPath>$(MSBuildThisFileDirectory)obj/</IntermediateOutputPath>
                <OutDir>$(MSBuildThisFileDirectory)bin/</OutDir>
              </PropertyGroup>
              <ItemGroup Condition="'$(MSBuildProjectName)' == 'ReferralHub.Hub'">
                <Compile Include="$(MSBuildThisFileDirectory)Planted.cs" />
              </ItemGroup>
            </Project>
            """,
            Cancelled);

        // The hub as it is, into another folder, against the libraries it was built with.
        var build = await Executable.Dotnet.Run(
            [
                "build", Checkout.Path("src", "ReferralHub.Hub"), "--configuration", Configuration, "--no-restore", "--no-dependencies", "--disable-build-servers", "--nologo", "-v:quiet",
                $"-p:CustomBeforeMicrosoftCommonTargets={planted.File("plant.targets")}",
            ],
            Cancelled);

        Assert.NotEqual(0, build.ExitCode);
        var errors = Errors().Matches(build.Output).Select(m => (File: m.Groups["file"].Value, Line: m.Groups["line"].Value, Code: m.Groups["code"].Value)).Distinct();
        Assert.Equal([("Planted.cs", "5", "RS0030"), ("Planted.cs", "6", "RS0030"), ("Planted.cs", "7", "RS0030")], errors.Order());
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task Publish(string project, string folder) =>
        (await Executable.Dotnet.Run(
            ["publish", Checkout.Path("src", project), "--configuration", Configuration, "--no-build", "--disable-build-servers", "--nologo", "-v:quiet", "--output", folder],
            Cancelled)).Succeeded();

    [GeneratedRegex(@"(?<file>[^/\s]+\.cs)\((?<line>\d+),\d+\): error (?<code>[A-Z]+\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Errors();
}
