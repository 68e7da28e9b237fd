using System.Collections.Concurrent;
using ReferralHub.Demo.Processes;
using ReferralHub.Tests.Mutants;

namespace ReferralHub.SystemTests.Mutants;

/// <summary>
/// Each rule of tests/mutants is broken once, in a copy of this checkout that is built once with all of them in it: the environment
/// says which one is on. Then every test that is named beside the rule fails, and while none is on they all pass.
/// </summary>
[Trait("group", "mutants")]
public sealed class MutantTests
{
    private const string Switch = "ReferralHub.Mutant";

    private static readonly IReadOnlyList<Mutant> All = Mutant.ReadAll(Checkout.Root);

    [Fact]
    public async Task Every_rule_that_is_broken_makes_the_tests_fail_that_are_named_beside_it()
    {
        using var copy = new TemporaryFolder();
        await Copy(copy.Path);
        Break(copy.Path);
        (await Executable.Dotnet.Run(
            [
                "build", copy.File("tests/ReferralHub.Tests"), "--configuration", "Release", "--disable-build-servers", "--nologo", "-v:quiet",
                "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:NuGetAudit=false",
            ],
            Cancelled)).Succeeded();
        var tests = copy.File("artifacts/bin/ReferralHub.Tests/release/ReferralHub.Tests.dll");

        Assert.Empty(await Failing(tests, null, [.. All.SelectMany(mutant => mutant.Red).Distinct()]));

        var survived = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            All.Index(), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = Cancelled }, async (numbered, _) =>
            {
                var (number, mutant) = numbered;
                var failed = await Failing(tests, number, mutant.Red);
                foreach (var green in mutant.Red.Except(failed)) survived.Add($"{mutant.Rule}: {green}");
            });
        Assert.Empty(survived.Order());
        TestContext.Current.SendDiagnosticMessage("{0} mutants, each red", All.Count);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // What git knows of, as it is here.
    private static async Task Copy(string to)
    {
        var listed = await Executable.Tool("git").Run(["-C", Checkout.Root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], Cancelled);
        listed.Succeeded();
        foreach (var file in listed.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Checkout.Path(file))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, file))!);
            File.Copy(Checkout.Path(file), Path.Combine(to, file));
        }
    }

    private static void Break(string copy)
    {
        foreach (var (number, mutant) in All.Index())
        {
            var file = mutant.PathIn(copy);
            File.WriteAllText(file, mutant.ApplyTo(File.ReadAllText(file), $"global::{Switch}.Is({number})") ?? throw new InvalidOperationException($"Does not fit: {mutant}"));
        }

        File.WriteAllText(
            Path.Combine(copy, "src", "ReferralHub.Cryptography", "Mutant.cs"),
            """
            namespace ReferralHub;

            /// <summary>Which rule is broken.</summary>
            public static class Mutant
            {
                private static readonly string? On = Environment.GetEnvironmentVariable("MUTANT");

                /// <summary>Whether it is this one.</summary>
                public static bool Is(int number) => On == number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            """);
    }

    // The tests of these that fail; a run that crashes fails all of them.
    private static async Task<IReadOnlyCollection<string>> Failing(string tests, int? number, IReadOnlyCollection<string> names)
    {
        string[] environment = number is { } on ? [$"MUTANT={on}"] : [];
        var run = await Executable.Tool("env").Run(
            [.. environment, Environment.ProcessPath!, "exec", tests, "-noColor", "-noLogo", "-xml", "/dev/null", .. names.SelectMany(name => new[] { "-method", "*." + name })],
            Cancelled);
        if (!run.Output.Contains("Total:", StringComparison.Ordinal)) return names;
        return [.. names.Where(name => run.Output.Split('\n').Any(line => line.Contains($".{name}", StringComparison.Ordinal) && line.Contains("[FAIL]", StringComparison.Ordinal)))];
    }
}
