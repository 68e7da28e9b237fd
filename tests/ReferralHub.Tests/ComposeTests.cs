using System.CommandLine;
using System.Text.RegularExpressions;
using ReferralHub.Demo.Local;
using ReferralHub.Gateway.Commands;
using ReferralHub.Hub;
using ReferralHub.Protocol.Wire;
using HubCommands = ReferralHub.Hub.Commands;

namespace ReferralHub.Tests;

/// <summary>
/// docker-compose.yml, which no engine has run here: what it starts is there, and can do no more than it needs. That its commands,
/// settings and health checks work is shown by <c>deploy/local</c>, which reads them from it.
/// </summary>
public sealed partial class ComposeTests
{
    private static readonly ComposeFile Compose = ComposeFile.Read(Path.Combine(Vectors.Root(), ComposeFile.Name));
    private static readonly RootCommand Hub = HubCommands.Shell.Root("", HubCommands.Serve.Make(), HubCommands.AskHealth.Make());
    private static readonly RootCommand Gateway = Cli.Root("", Serve.Command(), AskHealth.Command());

    public static TheoryData<string> Services => [.. Compose.Services.Keys];

    public static TheoryData<string> Ours => [.. Compose.Services.Where(service => service.Value.Build is not null).Select(service => service.Key)];

    [Fact]
    public void A_hub_its_two_servers_and_two_gateways_are_services() =>
        Assert.Equal(["postgres", "rabbitmq", "hub", "police", "shelter"], Compose.Services.Keys);

    [Theory, MemberData(nameof(Services))]
    public void None_is_root_or_can_become_it_and_none_can_change_its_image(string name)
    {
        var service = Compose.Services[name];

        Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", service.User);
        Assert.True(service.ReadOnly);
        Assert.Equal(["ALL"], service.CapDrop);
        Assert.Equal(["no-new-privileges:true"], service.SecurityOpt);
        Assert.Contains("/tmp", service.Tmpfs);
        Assert.InRange(service.PidsLimit, 1, 1024);
        Assert.All(service.Ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.True(TimeSpan.FromSeconds(int.Parse(service.StopGracePeriod!.TrimEnd('s'), null)) > Limits.StopTime);
    }

    [Theory, MemberData(nameof(Services))]
    public void What_it_may_write_is_a_volume_or_in_memory(string name) => Assert.All(Compose.Services[name].Volumes, mounted =>
    {
        var source = mounted.Split(':')[0];
        if (Compose.Volumes.ContainsKey(source)) return;
        Assert.EndsWith(":ro", mounted, StringComparison.Ordinal);
        Assert.True(Path.Exists(Path.Combine(Vectors.Root(), source)), source);
    });

    [Theory, MemberData(nameof(Services))]
    public void Secrets_come_by_file_and_the_key_of_the_authority_goes_to_nobody(string name)
    {
        var service = Compose.Services[name];

        Assert.Empty(service.Secrets.Except(Compose.Secrets.Keys));
        Assert.All(service.Environment, variable => Assert.True(
            variable.Value.StartsWith("/run/secrets/", StringComparison.Ordinal) || !Secretive().IsMatch(variable.Key), variable.Key));
        Assert.All(Compose.Secrets, secret => Assert.Equal($"deploy/secrets/{secret.Key}", secret.Value.File));
        Assert.DoesNotContain("ca.key", Compose.Secrets.Keys);
        Assert.Contains("deploy/secrets/", File.ReadAllLines(Path.Combine(Vectors.Root(), ".gitignore")));
        Assert.Contains("deploy/secrets/", File.ReadAllLines(Path.Combine(Vectors.Root(), ".dockerignore")));
    }

    [Theory, MemberData(nameof(Ours))]
    public void Hub_and_gateways_start_and_are_asked_by_commands_that_there_are(string name)
    {
        var service = Compose.Services[name];

        foreach (var command in (IReadOnlyList<string>[])[service.Command, service.Healthcheck.Command])
        {
            var program = command[0] == "referralhub" ? Hub : command[0] == "referral-gateway" ? Gateway : null;
            Assert.NotNull(program);
            Assert.Empty(program.Parse([.. command.Skip(1)]).Errors);
        }
    }

    [Theory, MemberData(nameof(Services))]
    public void Its_image_is_of_one_version(string name)
    {
        var service = Compose.Services[name];
        if (service.Build is null)
        {
            Assert.Matches(@":\d+\.\d+(\.\d+)?(-[a-z]+)?$", service.Image);
            return;
        }

        var lines = File.ReadAllLines(Path.Combine(Vectors.Root(), service.Build.Dockerfile));
        var bases = lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, bases.Count);
        Assert.All(bases, line => Assert.Matches(@"^FROM mcr\.microsoft\.com/dotnet/(sdk|aspnet):10\.\d+\.\d+-[a-z]+( AS build)?$", line));
        Assert.Equal($"USER {service.User}", lines[^1]);
        Assert.Contains($"ENV PATH=/usr/lib/{service.Command[0]}:$PATH", lines);
        var data = service.Volumes[0].Split(':')[1];
        Assert.Contains($"RUN install -d -o 1654 -g 1654 -m 0700 {data}", lines);
        Assert.Equal(data, service.Command[service.Command.IndexOf("--data") + 1]);
    }

    [Fact]
    public void Nobody_reaches_the_servers_but_the_hub_and_that_only_by_its_certificate()
    {
        Assert.True(Compose.Networks["servers"].Internal);
        Assert.Equal(["postgres", "rabbitmq", "hub"], Compose.Services.Where(service => service.Value.Networks.Contains("servers")).Select(service => service.Key));
        Assert.Contains("ssl=on", Compose.Services["postgres"].Command);
        Assert.Equal(
            ["local   all          postgres                   scram-sha-256", "hostssl referralhub  referralhub  all           cert"],
            File.ReadLines(Settings("pg_hba.conf")).Where(line => !line.StartsWith('#')));
        var rabbit = File.ReadAllLines(Settings("rabbitmq.conf"));
        foreach (var line in (string[])["listeners.tcp = none", "ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true", "auth_mechanisms.1 = EXTERNAL"])
            Assert.Contains(line, rabbit);

        Assert.True(StrictJson.TryRead<EngineSettings>(File.ReadAllBytes(Settings("engine.json")), out var engine));
        Assert.Equal(("postgres", "rabbitmq"), (engine.Postgres.Host, engine.Rabbitmq.Host));
        Assert.True(engine is { Postgres: { PasswordFile: null, Tls.Certificate: not null }, Rabbitmq: { PasswordFile: null, Tls.Certificate: not null } });
        string?[] named = [engine.Postgres.Tls.Ca, engine.Postgres.Tls.Certificate, engine.Postgres.Tls.Key, engine.Rabbitmq.Tls.Ca, engine.Rabbitmq.Tls.Certificate, engine.Rabbitmq.Tls.Key];
        Assert.Equal(Compose.Services["hub"].Secrets.Select(secret => $"/run/secrets/{secret}").Order(), named.Distinct().Order());
    }

    [Fact]
    public void A_member_that_is_not_known_is_an_error()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, File.ReadAllText(Path.Combine(Vectors.Root(), ComposeFile.Name)).Replace("    read_only: true", "", StringComparison.Ordinal).Replace("    user: \"1654:1654\"", "    user: \"1654:1654\"\n    privileged: true", StringComparison.Ordinal));
            Assert.ThrowsAny<YamlDotNet.Core.YamlException>(() => ComposeFile.Read(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_has_no_place_on_this_machine_is_not_started()
    {
        var places = new Places(("/var/lib/referralhub", "/tmp/hub"));

        Assert.Equal("--data=/tmp/hub", places.Here("--data=/var/lib/referralhub"));
        Assert.Throws<InvalidDataException>(() => places.Here("/run/secrets/hub.key"));
    }

    private static string Settings(string file) => Path.Combine(Vectors.Root(), "deploy", "compose", file);

    [GeneratedRegex("PASS|SECRET|KEY|TOKEN", RegexOptions.IgnoreCase)]
    private static partial Regex Secretive();
}
