using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>inbox</c> and <c>sent</c>: where each referral stands. Codes only; nobody's name.</summary>
internal static class ListReferrals
{
    private static readonly Option<string?> By = new("--by") { Description = "Handle of who looks; some referrals are kept from some people." };

    /// <summary>One referral.</summary>
    /// <param name="Referral">Its id.</param>
    /// <param name="With">The other agency.</param>
    /// <param name="Case">The case code.</param>
    /// <param name="Service">The family of help.</param>
    /// <param name="Urgency">How soon a person must act.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="Withdrawing">Whether the sender wants it back and the recipient has not answered.</param>
    /// <param name="Responsible">Which agency is responsible for the child now; null once the handoff is over.</param>
    /// <param name="Owner">Who of us has it; null when nobody has, and then we are not responsible.</param>
    /// <param name="Sent">When the sender signed it.</param>
    /// <param name="Next">What is owed next, and what runs out.</param>
    /// <param name="Waiting">Whether a statement of ours about it still waits for the hub.</param>
    /// <param name="Refused">Of a referral of ours: the hub's reasons against it; else empty.</param>
    /// <param name="Blocked">Of a received one: why it is not delivered; else null.</param>
    internal sealed record Listed(
        Guid Referral,
        AgencyId With,
        CaseCode Case,
        ServiceFamily Service,
        Urgency Urgency,
        HandoffState State,
        bool Withdrawing,
        AgencyId? Responsible,
        Handle? Owner,
        DateTimeOffset Sent,
        Outlook Next,
        bool Waiting,
        IReadOnlyList<string> Refused,
        string? Blocked);

    /// <summary>What <c>inbox</c> and <c>sent</c> print.</summary>
    /// <param name="Referrals">Newest first.</param>
    internal sealed record All(IReadOnlyList<Listed> Referrals) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var one in Referrals)
            {
                var mark = one.Refused.Count > 0 ? $"REFUSED {string.Join(' ', one.Refused)}" : one.Blocked is { } blocked ? $"BLOCKED {blocked}" : one.Waiting ? "waiting" : "";
                to.WriteLine($"{WireId.Text(one.Referral)}  {one.With}  {Code.Text(one.Urgency)}  {Code.Text(one.Service)}  {Printing.Standing(one.State, one.Withdrawing)}  responsible now: {one.Responsible?.ToString() ?? "nobody"}  {Printing.Owner(one.Owner)}{mark}".TrimEnd());
                if (one.Next.ToString() is { Length: > 0 } next) to.WriteLine($"    {next}");
            }
        }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/inbox", (string? by, GatewayDb db, Exclusions exclusions, FollowDirectory directory, TimeProvider clock, CancellationToken ct) => ReadAsync(db, exclusions, directory, clock, Party.Recipient, by, ct));
        app.MapGet("/sent", (string? by, GatewayDb db, Exclusions exclusions, FollowDirectory directory, TimeProvider clock, CancellationToken ct) => ReadAsync(db, exclusions, directory, clock, Party.Sender, by, ct));
    }

    public static Command Inbox() => Cli.Local("inbox", "Show what others referred to us.", [By], async (parsed, local, ct) =>
        await local.GetAsync<All>($"inbox{Local.Query("by", parsed.GetValue(By))}", ct));

    public static Command Sent() => Cli.Local("sent", "Show what we referred to others.", [By], async (parsed, local, ct) =>
        await local.GetAsync<All>($"sent{Local.Query("by", parsed.GetValue(By))}", ct));

    internal static async Task<All> ReadAsync(
        GatewayDb db, Exclusions exclusions, FollowDirectory directory, TimeProvider clock, Party role, string? by, CancellationToken ct)
    {
        var hidden = await exclusions.HiddenFromAsync(db, Cli.OptionalName<Handle>("--by", by), ct);
        var rows = await db.Referrals.AsNoTracking().Where(r => r.Role == role).OrderByDescending(r => r.Kept)
            .Join(db.Statements, r => r.Statement, s => s.Id, (r, s) => new
            {
                Referral = r,
                Statement = s,
                Waiting = db.Outbox.Any(o => o.Stream == r.Id),
            })
            .ToListAsync(ct);
        var owned = await Owners.OfAsync(db, exclusions, [.. rows.Where(row => !Handoff.IsTerminal(row.Referral.State)).Select(row => row.Referral.Id)], clock.GetUtcNow(), ct);
        var outlooks = await Outlook.OfAsync(
            db, directory.Current, [.. rows.Where(row => !hidden.Contains(row.Referral.Id) && row.Statement.Fate != Fate.Refused).Select(row => row.Referral)], clock.GetUtcNow(), ct);
        return new(
        [
            .. rows.Where(row => !hidden.Contains(row.Referral.Id)).Select(row =>
            {
                var said = (Referral)row.Statement.Read().Statement;
                return new Listed(
                    row.Referral.Id,
                    row.Referral.Other,
                    said.Case,
                    said.Service,
                    row.Referral.Urgency,
                    row.Referral.State,
                    row.Referral.Withdrawing,
                    row.Referral.Responsible,
                    owned.GetValueOrDefault(row.Referral.Id)?.Person,
                    said.IssuedAt,
                    outlooks.GetValueOrDefault(row.Referral.Id, Outlook.None),
                    row.Waiting,
                    row.Statement.Fate == Fate.Refused ? Fates.ReasonsOf(row.Statement) : [],
                    row.Referral.Blocked);
            }),
        ]);
    }
}
