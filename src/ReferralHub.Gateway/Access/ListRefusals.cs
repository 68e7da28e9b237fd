using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// <c>refusals --as H</c>: who was refused which referral, and why. For an auditor of this agency alone, who signs in: to
/// everybody else what is kept from somebody leaves no trace.
/// </summary>
internal static class ListRefusals
{
    private static readonly Option<string> As = new("--as") { Description = "Handle of the auditor.", Required = true };

    internal sealed record Request(Handle As, byte[] Secret)
    {
        /// <summary>Says nothing of the secret.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>One refusal.</summary>
    /// <param name="At">When.</param>
    /// <param name="Referral">Which referral.</param>
    /// <param name="By">Who asked; null when nobody said.</param>
    /// <param name="Reason">Why, as a code.</param>
    internal sealed record Listed(DateTimeOffset At, Guid Referral, Handle? By, string Reason);

    /// <summary>What <c>refusals</c> prints.</summary>
    /// <param name="Refusals">Oldest first.</param>
    internal sealed record All(IReadOnlyList<Listed> Refusals) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var one in Refusals) to.WriteLine($"{WireTime.Text(one.At)}  {WireId.Text(one.Referral)}  {one.By?.ToString() ?? "nobody"}  {one.Reason}");
            if (Refusals.Count == 0) to.WriteLine("nobody was refused");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/refusals", Handle);

    public static Command Command() => Cli.Local("refusals", "Show, to an auditor, who was refused what.", [As, Passphrase.SecretOption], async (parsed, local, ct) =>
    {
        using var secret = Passphrase.ReadSecret(parsed);
        return await local.PostAsync<All>("refusals", new Request(Cli.Name<Handle>("--as", parsed.GetRequiredValue(As)), secret.Utf8.ToArray()), ct);
    });

    internal static async Task<All> Handle(Request request, GatewayDb db, SignIn signIn, Exclusions exclusions, CancellationToken ct)
    {
        await signIn.RequireAsync(db, request.As, request.Secret, ct);
        if (!await db.People.AnyAsync(p => p.Handle == request.As && p.IsAuditor, ct)) throw new RefusedException(Refusal.NotForYou, $"{request.As} is no auditor.");
        // Also an auditor may be the one.
        var hidden = await exclusions.HiddenFromAsync(db, request.As, ct);
        var rows = await db.RefusedLooks.AsNoTracking().OrderBy(r => r.Id).ToListAsync(ct);
        return new([.. rows.Where(r => !hidden.Contains(r.Referral)).Select(r => new Listed(r.At, r.Referral, r.By, r.Reason))]);
    }
}
