using System.CommandLine;
using ReferralHub.Gateway.Commands;
using HubCommands = ReferralHub.Hub.Commands;

namespace ReferralHub.Tests;

/// <summary>What an operator installs says what the programs understand, and lets them do no more than they need.</summary>
public sealed class DeploymentTests
{
    private static readonly string[] Sandbox =
    [
        "UMask=0077", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes", "PrivateMounts=yes",
        "ProtectClock=yes", "ProtectControlGroups=yes", "ProtectHostname=yes", "ProtectKernelLogs=yes", "ProtectKernelModules=yes", "ProtectKernelTunables=yes",
        "ProtectProc=invisible", "RemoveIPC=yes", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "RestrictNamespaces=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes",
        "LockPersonality=yes", "KeyringMode=private", "SystemCallArchitectures=native", "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources", "LimitCORE=0",
    ];

    private static readonly RootCommand Hub = HubCommands.Shell.Root("", HubCommands.Serve.Make(), HubCommands.Backup.Make());
    private static readonly RootCommand Gateway = Cli.Root("", Serve.Command());

    public static TheoryData<string> Services => new(System.IO.Directory.GetFiles(Folder, "*.service").Select(Path.GetFileName).Order()!);

    private static string Folder => Path.Combine(Vectors.Root(), "deploy", "systemd");

    [Fact]
    public void Hub_gateway_and_backup_are_services() =>
        Assert.Equal(["referral-gateway.service", "referralhub-backup.service", "referralhub.service"], Services.Select(row => row.Data));

    [Theory, MemberData(nameof(Services))]
    public void Each_runs_as_a_user_of_its_own_in_the_whole_sandbox(string service)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, service));

        Assert.Empty(Sandbox.Except(lines));
        Assert.Contains(lines, line => line is "User=referralhub" or "User=referral-gateway");
        Assert.Contains("StateDirectoryMode=0700", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("Environment", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Services))]
    public void Each_starts_a_command_that_there_is(string service)
    {
        var start = Assert.Single(File.ReadLines(Path.Combine(Folder, service)), line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..];
        // What the shell puts in is one word.
        var words = start.Replace("/bin/sh -c 'exec ", "", StringComparison.Ordinal).TrimEnd('\'').Replace("\"$(date -u +%%Y%%m%%dT%%H%%M%%SZ)\"", "time", StringComparison.Ordinal).Split(' ');

        var program = Path.GetFileName(words[0]) == "referralhub" ? Hub : Gateway;
        Assert.Empty(program.Parse(words[1..]).Errors);
    }

    [Theory]
    [InlineData("referralhub.service")]
    [InlineData("referral-gateway.service")]
    public void What_needs_a_person_is_not_started_again_and_what_has_begun_may_end(string service)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, service));

        Assert.Contains("RestartPreventExitStatus=1 2", lines);
        var stop = lines.Single(line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal))["TimeoutStopSec=".Length..];
        Assert.True(TimeSpan.FromSeconds(int.Parse(stop, null)) > ReferralHub.Hub.Limits.StopTime);
    }
}
