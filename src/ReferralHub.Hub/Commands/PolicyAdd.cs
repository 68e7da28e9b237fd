using System.CommandLine;
using ReferralHub.Hub.Directory;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub policy add FILE…</c>: adds a jurisdiction policy that the registrars have signed.</summary>
internal static class PolicyAdd
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "What the registrars signed", Arity = ArgumentArity.OneOrMore };

    public static Command Make() => new("policy", "Jurisdiction policies")
    {
        new Command("add", "Add a policy to the directory") { Files }.Does((parse, ct) => Shell.Open(parse, async (services, db) =>
        {
            var signed = Shell.ReadCoSigned(parse.GetValue(Files)!);
            var agencies = services.GetRequiredService<Agencies>();
            await Admission.AddPolicy(db, services.GetRequiredService<HubKeys>(), agencies, signed, ct);
            var size = (await agencies.Now(db, ct)).Head.Size;
            return new Answer(new { directory = size }, $"added; the directory has {size} entries");
        })),
        PolicyCheck.Make(),
    };
}
