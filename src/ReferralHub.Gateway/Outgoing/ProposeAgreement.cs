using System.CommandLine;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using Route = ReferralHub.Protocol.Statements.Route;

namespace ReferralHub.Gateway.Outgoing;

/// <summary><c>agreement propose FILE</c>: offers another agency terms under which referrals may go. Spec: docs/protocol.md §3.3.</summary>
internal static class ProposeAgreement
{
    private static readonly Argument<string> File = new("FILE") { Description = "The terms as JSON." };

    /// <summary>The file: terms of an agreement.</summary>
    /// <param name="With">The other agency.</param>
    /// <param name="Policy">The jurisdiction policy, by its name in the directory.</param>
    /// <param name="Routes">Who may send to whom.</param>
    /// <param name="Purposes">For which purposes.</param>
    /// <param name="Categories">Which categories, in the hub's words and order.</param>
    /// <param name="From">First second in which it counts.</param>
    /// <param name="Until">First second in which it no longer counts.</param>
    /// <param name="EraseAfterDays">Days after which the recipient erases, 1 to 3,650.</param>
    /// <param name="Clocks">How long both have; the policy's times when it is left out.</param>
    internal sealed record Terms(
        AgencyId With,
        PolicyId Policy,
        IReadOnlyList<Route> Routes,
        IReadOnlyList<Purpose> Purposes,
        IReadOnlyList<ClearCategory> Categories,
        DateTimeOffset From,
        DateTimeOffset Until,
        int EraseAfterDays,
        ClockTable? Clocks = null);

    /// <summary>What <c>agreement propose</c> and <c>agreement accept</c> print.</summary>
    /// <param name="Agreement">The agreement's id, the same on both sides.</param>
    /// <param name="With">The other agency.</param>
    /// <param name="Statement">Id of our statement.</param>
    /// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
    internal sealed record Side(Guid Agreement, AgencyId With, Digest Statement, Fate Fate) : Output
    {
        public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to) => to.WriteLine($"agreement: {WireId.Text(Agreement)} with {With}, {Code.Text(Fate)}");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/agreements", Handle);

    public static Command Command() => Cli.Local("propose", "Offer terms to another agency.", [File], async (parsed, local, ct) =>
        await local.PostAsync<Side>("agreements", await InputFile.ReadAsync<Terms>(parsed.GetRequiredValue(File), ct), ct));

    internal static async Task<Side> Handle(
        Terms terms, GatewayDb db, Outbox outbox, Dispatch dispatch, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        if (directory.Current.Find(terms.With) is null) throw new RefusedException(Refusal.UnknownAgency, $"with {terms.With}: no such agency in the directory.");
        if (directory.Current.FindPolicy(terms.Policy, directory.Current.Size) is null)
            throw new RefusedException(Refusal.Malformed, $"policy {terms.Policy}: not in the directory.");
        if (terms.Clocks is { IsWellFormed: false })
            throw new RefusedException(Refusal.Malformed, "clocks: each period has 1 to 31536000 seconds, and review runs always.");

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var signed = await db.Write(
            async () =>
            {
                var preamble = await outbox.PreambleAsync(db, ct);
                var side = outbox.Add(db, Statement(terms, id, preamble), stream: id);
                await Agreements.TryKeepAsync(db, side, ct);
                return side;
            },
            ct);
        return new(id, terms.With, signed.Id, await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct));
    }

    private static Agreement Statement(Terms terms, Guid id, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        AgreementId = id,
        To = terms.With,
        Policy = terms.Policy,
        Routes = terms.Routes,
        Purposes = terms.Purposes,
        Categories = terms.Categories,
        From = terms.From,
        Until = terms.Until,
        EraseAfterDays = terms.EraseAfterDays,
        Clocks = terms.Clocks,
    };
}
