using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace ReferralHub.Demo.Local;

/// <summary>docker-compose.yml: which services run, how, and how each is asked whether it is well. A member that is not known here is an error.</summary>
internal sealed class ComposeFile
{
    public const string Name = "docker-compose.yml";

    [YamlMember(Alias = "name")]
    public required string Project { get; init; }

    /// <summary>Merged into the services already.</summary>
    [YamlMember(Alias = "x-confined", ApplyNamingConventions = false)]
    public object? Confined { get; init; }

    public required Dictionary<string, ComposeService> Services { get; init; }

    public required Dictionary<string, ComposeSecret> Secrets { get; init; }

    public required Dictionary<string, object?> Volumes { get; init; }

    public required Dictionary<string, ComposeNetwork> Networks { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="YamlException">It is not of its form.</exception>
    public static ComposeFile Read(string file)
    {
        using var text = File.OpenText(file);
        return new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithEnforceRequiredMembers().WithDuplicateKeyChecking()
            .Build().Deserialize<ComposeFile>(new MergingParser(new Parser(text)));
    }
}

/// <summary>One service of it.</summary>
internal sealed class ComposeService
{
    public ComposeBuild? Build { get; init; }

    public required string Image { get; init; }

    public required string User { get; init; }

    public bool ReadOnly { get; init; }

    public List<string> CapDrop { get; init; } = [];

    public List<string> SecurityOpt { get; init; } = [];

    public int PidsLimit { get; init; }

    public string? StopGracePeriod { get; init; }

    public required List<string> Command { get; init; }

    public Dictionary<string, string> Environment { get; init; } = [];

    public List<string> Secrets { get; init; } = [];

    public List<string> Volumes { get; init; } = [];

    public List<string> Tmpfs { get; init; } = [];

    public List<string> Networks { get; init; } = [];

    public List<string> Ports { get; init; } = [];

    public Dictionary<string, ComposeCondition> DependsOn { get; init; } = [];

    public required string Restart { get; init; }

    public required ComposeHealthcheck Healthcheck { get; init; }
}

/// <summary>How its image is built.</summary>
internal sealed class ComposeBuild
{
    public required string Context { get; init; }

    public required string Dockerfile { get; init; }
}

/// <summary>What another service must be before it starts.</summary>
internal sealed class ComposeCondition
{
    public required string Condition { get; init; }
}

/// <summary>How it is asked whether it is well.</summary>
internal sealed class ComposeHealthcheck
{
    public required List<string> Test { get; init; }

    public required string Interval { get; init; }

    public required string Timeout { get; init; }

    public required int Retries { get; init; }

    public required string StartPeriod { get; init; }

    /// <summary>The command, without the word that says that it is one.</summary>
    [YamlIgnore]
    public IReadOnlyList<string> Command => Test is ["CMD", .. var command] ? command : throw new InvalidDataException("A health check is CMD and a command, without a shell.");
}

/// <summary>A file that services are given under /run/secrets.</summary>
internal sealed class ComposeSecret
{
    public required string File { get; init; }
}

/// <summary>Which services reach each other.</summary>
internal sealed class ComposeNetwork
{
    public bool Internal { get; init; }
}
