using System.CommandLine;
using ReferralHub.Protocol.Vocabulary;

namespace ReferralHub.Gateway.Commands;

/// <summary><c>codes [SET]</c>: the value sets, or the codes of one with what they mean. Needs no gateway.</summary>
internal static class ShowCodes
{
    private static readonly Argument<string?> Name = new("SET") { Description = "A value set; without it their names are listed.", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>A code.</summary>
    /// <param name="Code">As it is written.</param>
    /// <param name="En">In English.</param>
    /// <param name="Ar">In Arabic.</param>
    internal sealed record Meaning(string Code, string En, string Ar);

    /// <summary>A value set.</summary>
    /// <param name="Set">Its name.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="Codes">Its codes.</param>
    internal sealed record Shown(string Set, int Version, IReadOnlyList<Meaning> Codes);

    /// <summary>What <c>codes</c> prints.</summary>
    /// <param name="Sets">The sets.</param>
    internal sealed record All(IReadOnlyList<Shown> Sets) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var set in Sets)
            {
                to.WriteLine($"{set.Set}, version {set.Version}");
                foreach (var code in Sets.Count == 1 ? set.Codes : []) to.WriteLine($"  {code.Code}: {code.En} / {code.Ar}");
            }
        }
    }

    public static Command Command() => Cli.Offline("codes", "Show the value sets, or what the codes of one mean.", [Name], (parsed, _) =>
    {
        var sets = parsed.GetValue(Name) is { } name
            ? [ValueSet.Find(name) ?? throw Cli.Malformed($"SET {name}: no such value set. See: referral-gateway codes")]
            : ValueSet.All;
        return Task.FromResult<Output>(new All([.. sets.Select(Of)]));
    });

    private static Shown Of(ValueSet set) =>
        new(set.Name, set.Version, [.. set.Codes.Select(c => new Meaning(c, set.Text(c, TextLanguage.En), set.Text(c, TextLanguage.Ar)))]);
}
