using System.CommandLine;
using ReferralHub.Hub.Directory;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub genesis complete FILE…</c>: begins both logs with the genesis that all registrars have signed.</summary>
internal static class GenesisComplete
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "What the registrars signed", Arity = ArgumentArity.OneOrMore };

    public static Command Make() => new("genesis", "The hub's beginning")
    {
        new Command("complete", "Begin the directory with the registrars' signatures") { Files }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Run(services, db, parse.GetValue(Files)!, ct))),
    };

    internal static async Task<Answer> Run(IServiceProvider services, HubDb db, IReadOnlyList<string> files, CancellationToken ct)
    {
        var data = services.GetRequiredService<DataFolder>();
        var signed = Shell.ReadCoSigned(files);
        var keys = services.GetRequiredService<HubKeys>();
        var fingerprint = await Admission.Begin(db, keys, await File.ReadAllBytesAsync(data.Genesis, ct), signed, ct);
        return new(
            new { fingerprint = fingerprint.ToString() },
            $"fingerprint: {fingerprint}\nTell it to every agency by a way that does not go through this hub.");
    }
}
