using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary><c>people list</c>: who is behind which handle. Only this gateway can tell.</summary>
internal static class ListPeople
{
    /// <summary>One person.</summary>
    /// <param name="Handle">The handle.</param>
    /// <param name="Name">The name behind it.</param>
    /// <param name="Lead">Whether this person is told what others must not know of.</param>
    /// <param name="Auditor">Whether this person sees who was refused what.</param>
    /// <param name="Enabled">Whether they act under it.</param>
    internal sealed record Listed(Handle Handle, string Name, bool Lead, bool Auditor, bool Enabled)
    {
        /// <summary>Names the handle only.</summary>
        public override string ToString() => $"{Handle}";
    }

    /// <summary>What <c>people list</c> prints.</summary>
    /// <param name="People">In the order of adding.</param>
    internal sealed record Everybody(IReadOnlyList<Listed> People) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var person in People) to.WriteLine($"{person.Handle}  {person.Name}{(person.Lead ? "  lead" : "")}{(person.Auditor ? "  auditor" : "")}{(person.Enabled ? "" : "  acts no more")}");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/people", Handle);

    public static Command Command() => Cli.Local("list", "Show who is behind which handle.", [], async (_, local, ct) =>
        await local.GetAsync<Everybody>("people", ct));

    internal static async Task<Everybody> Handle(GatewayDb db, OwnAgency own, CancellationToken ct)
    {
        var people = await db.People.AsNoTracking().OrderBy(p => p.AddedAt).ToListAsync(ct);
        return new([.. people.Select(p => new Listed(p.Handle, SelfSealed.OpenText(own.Keys, p.SealedName), p.IsLead, p.IsAuditor, p.DisabledAt is null))]);
    }
}
