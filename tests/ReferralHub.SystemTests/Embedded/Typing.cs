using ReferralHub.Demo;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>Commands as people type them: what each printed, wherever, and any exit code if none is demanded, but of a crash.</summary>
internal static class Typing
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<string> Say(HubNode hub, int? exit, params string[] words) => Say(Executable.Hub, exit, [.. words, "--data", hub.Data]);

    public static Task<string> Say(AgencyNode agency, int? exit, params string[] words) => Say(Executable.Gateway, exit, [.. words, "--data", agency.Data]);

    /// <summary>With a text on standard input, where no list of processes shows it.</summary>
    public static Task<string> SayWith(string input, AgencyNode agency, int? exit, params string[] words) =>
        Say(Executable.Gateway, exit, [.. words, "--data", agency.Data], input);

    public static async Task<string> Say(Executable program, int? exit, string[] words, string input = "")
    {
        var said = await program.Run(words, Ct, input);
        var text = said.Output + said.Error;
        Assert.True(exit is { } code ? said.ExitCode == code : said.ExitCode is 0 or 1 or 2, $"{said.ExitCode} of {said.CommandLine}\n{text}");
        Assert.DoesNotContain("Unhandled exception", text, StringComparison.Ordinal);
        return text;
    }
}
