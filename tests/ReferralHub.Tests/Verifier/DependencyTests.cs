using System.Text.Json;

namespace ReferralHub.Tests.Verifier;

/// <summary>An auditor's tool carries no server: less to trust, nothing that could listen or call.</summary>
public sealed class DependencyTests
{
    private static readonly string Folder =
        Path.Combine(AppContext.BaseDirectory, "..", "..", "ReferralHub.Verifier", new DirectoryInfo(AppContext.BaseDirectory).Name);

    [Fact]
    public void Rh_verify_depends_on_the_protocol_the_cryptography_and_a_command_line_and_on_nothing_else()
    {
        var dependencies = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "rh-verify.deps.json")));
        Assert.Equal(
            ["NSec.Cryptography", "ReferralHub.Cryptography", "ReferralHub.Protocol", "System.CommandLine", "libsodium", "rh-verify"],
            dependencies.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rh_verify_runs_on_the_plain_runtime_without_the_web_framework()
    {
        var runtime = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "rh-verify.runtimeconfig.json")));
        Assert.Equal("Microsoft.NETCore.App", runtime.RootElement.GetProperty("runtimeOptions").GetProperty("framework").GetProperty("name").GetString());
        Assert.DoesNotContain(
            System.IO.Directory.EnumerateFiles(Folder, "*.dll").Select(Path.GetFileName),
            name => name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal)
                || name.StartsWith("MassTransit", StringComparison.Ordinal));
    }

    [Fact]
    public void No_code_of_rh_verify_refers_to_the_network()
    {
        foreach (var assembly in (Type[])[typeof(ReferralHub.Verifier.Command), typeof(ReferralHub.Protocol.Evidence.EvidenceCheck), typeof(ReferralHub.Cryptography.Encodings.Digest)])
            Assert.DoesNotContain(assembly.Assembly.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("System.Net", StringComparison.Ordinal));
    }
}
