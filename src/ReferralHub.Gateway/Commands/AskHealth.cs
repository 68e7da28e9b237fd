using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Keys;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// <c>health</c>: asks the running gateway whether it works, as container engines do. One that does not reach its hub works: what
/// people say waits. <c>status</c> and <c>doctor</c> tell of that.
/// </summary>
internal static class AskHealth
{
    /// <summary>What <c>health</c> prints.</summary>
    /// <param name="Agency">The agency's id.</param>
    internal sealed record Works(string Agency) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"{Agency}: works");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/health", Handle);

    public static Command Command() => Cli.Local("health", "Ask the running gateway whether it works.", [], async (_, local, ct) => await local.GetAsync<Works>("health", ct));

    internal static async Task<Works> Handle(GatewayDb db, OwnAgency own, CancellationToken ct)
    {
        _ = await db.Bindings.AsNoTracking().SingleAsync(ct); // the database can be read
        return new(own.Id.ToString());
    }
}
