using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using Route = ReferralHub.Protocol.Statements.Route;

namespace ReferralHub.Gateway.Outgoing;

/// <summary><c>agreement list</c>: under which terms we may send and receive, and what was offered to us.</summary>
internal static class ListAgreements
{
    /// <summary>One agreement.</summary>
    /// <param name="Agreement">Its id.</param>
    /// <param name="With">The other agency.</param>
    /// <param name="Standing"><c>offered-by-us</c>, <c>offered-to-us</c> or <c>in-force</c>; the last also says nothing about its dates.</param>
    /// <param name="Policy">The jurisdiction policy.</param>
    /// <param name="Routes">Who may send to whom.</param>
    /// <param name="Purposes">For which purposes.</param>
    /// <param name="Categories">Which categories, in the hub's words.</param>
    /// <param name="From">First second in which it counts.</param>
    /// <param name="Until">First second in which it no longer counts.</param>
    internal sealed record Listed(
        Guid Agreement,
        AgencyId With,
        string Standing,
        PolicyId Policy,
        IReadOnlyList<Route> Routes,
        IReadOnlyList<Purpose> Purposes,
        IReadOnlyList<ClearCategory> Categories,
        DateTimeOffset From,
        DateTimeOffset Until);

    /// <summary>What <c>agreement list</c> prints.</summary>
    /// <param name="Agreements">Oldest first.</param>
    internal sealed record All(IReadOnlyList<Listed> Agreements) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var one in Agreements)
                to.WriteLine($"{WireId.Text(one.Agreement)}  {one.With}  {one.Standing}  {WireTime.Text(one.From)} to {WireTime.Text(one.Until)}");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/agreements", Handle);

    public static Command Command() => Cli.Local("list", "Show the agreements.", [], async (_, local, ct) => await local.GetAsync<All>("agreements", ct));

    internal static async Task<All> Handle(GatewayDb db, OwnAgency own, CancellationToken ct)
    {
        var sides = await db.Agreements.Join(db.Statements, a => a.Statement, s => s.Id, (a, s) => new { Side = a, Statement = s })
            .OrderBy(x => x.Statement.Order).AsNoTracking().ToListAsync(ct);
        return new(
        [
            .. sides.GroupBy(x => x.Side.AgreementId).Select(group =>
            {
                var first = group.First();
                var terms = (Agreement)first.Statement.Read().Statement;
                var inForce = group.Any(x => x.Side.IsAcceptance && x.Statement.Fate == Fate.Effective);
                return new Listed(
                    group.Key,
                    terms.Issuer == own.Id ? terms.To : terms.Issuer,
                    inForce ? "in-force" : terms.Issuer == own.Id ? "offered-by-us" : "offered-to-us",
                    terms.Policy,
                    terms.Routes,
                    terms.Purposes,
                    terms.Categories,
                    terms.From,
                    terms.Until);
            }),
        ]);
    }
}
