using System.CommandLine;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>receipt ID</c>: what proves each statement about a referral, for whoever checks it without us. Spec: docs/protocol.md §4.6.</summary>
internal static class ShowReceipts
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string?> By = new("--by") { Description = "Handle of who looks; some referrals are kept from some people." };

    /// <summary>What is held for one statement.</summary>
    /// <param name="Statement">Its id.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Token">The statement as it was signed.</param>
    /// <param name="HubReceipt">The hub's signed word, for a statement of ours; else null.</param>
    /// <param name="Index">Its place in the audit log; null until proved, and the rest with it.</param>
    /// <param name="Event">The audit event, base64url.</param>
    /// <param name="Opening">What opens the leaf, 64 hex digits.</param>
    /// <param name="Proof">The proof, a <c>c2sp.org/tlog-proof@v1</c>.</param>
    internal sealed record Receipt(
        Digest Statement, StatementKind Kind, string Token, string? HubReceipt, long? Index, string? Event, string? Opening, string? Proof);

    /// <summary>What <c>receipt</c> prints.</summary>
    /// <param name="Referral">The referral's id.</param>
    /// <param name="Receipts">In order.</param>
    internal sealed record All(Guid Referral, IReadOnlyList<Receipt> Receipts) : Output
    {
        public override int ExitCode() => Receipts.All(r => r.Index is not null) ? Exit.Good : Exit.Advice;

        public override void Print(TextWriter to)
        {
            foreach (var receipt in Receipts)
                to.WriteLine($"{receipt.Statement}  {Code.Text(receipt.Kind)}  {(receipt.Index is { } index ? $"log {index}, proved" : "not proved yet")}");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/referrals/{id:guid}/receipts", Handle);

    public static Command Command() => Cli.Local("receipt", "Show what proves each statement.", [Id, By], async (parsed, local, ct) =>
        await local.GetAsync<All>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/receipts{Local.Query("by", parsed.GetValue(By))}", ct));

    internal static async Task<All> Handle(Guid id, string? by, GatewayDb db, Exclusions exclusions, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, Cli.OptionalName<Handle>("--by", by), ct);
        await Acts.FindAsync(db, id, ct);
        var statements = await db.Statements.AsNoTracking().Where(s => s.Referral == id && s.Fate != Fate.Refused).OrderBy(s => s.Order).ToListAsync(ct);
        return new(id, [.. statements.Select(Tell)]);
    }

    private static Receipt Tell(KeptStatement kept) => new(
        kept.Id,
        kept.Kind,
        kept.Token,
        kept.HubReceipt,
        kept.LogIndex,
        kept is { LogIndex: not null, Event: { } told } ? CanonicalBase64.Url.Encode(told) : null,
        kept is { LogIndex: not null, Opening: { } opening } ? Convert.ToHexStringLower(opening) : null,
        kept.Proof is { } proof ? Encoding.UTF8.GetString(proof) : null);
}
