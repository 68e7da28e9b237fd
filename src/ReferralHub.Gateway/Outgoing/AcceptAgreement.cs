using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary><c>agreement accept ID</c>: repeats the other side's terms; with that it is in force. Spec: docs/protocol.md §3.3.</summary>
internal static class AcceptAgreement
{
    private static readonly Argument<string> Id = new("ID") { Description = "The agreement; see agreement list." };

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/agreements/{id:guid}/accept", Handle);

    public static Command Command() => Cli.Local("accept", "Accept the terms that another agency offered.", [Id], async (parsed, local, ct) =>
        await local.PostAsync<ProposeAgreement.Side>($"agreements/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/accept", new { }, ct));

    internal static async Task<ProposeAgreement.Side> Handle(
        Guid id, GatewayDb db, OwnAgency own, Outbox outbox, Dispatch dispatch, CancellationToken ct)
    {
        var (signed, with) = await db.Write(
            async () =>
            {
                var proposal = await Agreements.FindProposalToAsync(db, id, own.Id, ct)
                    ?? throw new RefusedException(Refusal.NotFound, $"{id}: no agreement was offered to us under this id.");
                var terms = (Agreement)proposal.Read().Statement;
                var preamble = await outbox.PreambleAsync(db, ct);
                var side = outbox.Add(db, Repeat(terms, proposal, preamble), stream: id);
                if (!await Agreements.TryKeepAsync(db, side, ct)) throw new RefusedException(Refusal.StateForbids, $"{id}: accepted already.");
                return (side, terms.Issuer);
            },
            ct);
        return new(id, with, signed.Id, await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct));
    }

    private static Agreement Repeat(Agreement terms, KeptStatement proposal, Preamble preamble) => terms with
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        To = terms.Issuer,
        Accepts = proposal.Id,
    };
}
