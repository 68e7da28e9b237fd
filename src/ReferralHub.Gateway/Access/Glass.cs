using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Access;

/// <summary><c>--break-glass GROUND</c>: how a lead says why content is opened although the hub cannot be asked.</summary>
internal static class Glass
{
    public static Option<string?> Option { get; } = new("--break-glass")
    {
        Description = $"For a lead while the hub cannot be reached, who signs in and whose ground travels later: {string.Join(", ", Enum.GetValues<BreakGlass>().Select(Code.Text))}.",
    };

    /// <summary>What was said of it, with the lead's secret; null when nothing was.</summary>
    public static BrokenGlass? Read(ParseResult parsed)
    {
        if (parsed.GetValue(Option) is not { } text) return null;
        if (!Code.TryParse<BreakGlass>(text, out var ground)) throw Cli.Malformed($"{Option.Name} {text}: not one of {string.Join(", ", Enum.GetValues<BreakGlass>().Select(Code.Text))}.");
        using var secret = Passphrase.ReadSecret(parsed);
        return new(ground, secret.Utf8.ToArray());
    }
}
