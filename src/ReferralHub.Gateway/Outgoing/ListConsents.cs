using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>consent list --subject S --by H</c>: what grantors agreed to about a child, so that nobody asks twice, and which of it a
/// referral can rest on. Says nothing of referrals: it is the same for whom one excludes (docs/protocol.md §2.8).
/// </summary>
internal static class ListConsents
{
    private static readonly Option<string> Subject = new("--subject") { Description = "Whom it is about, as the consent names the subject; - reads it from standard input.", Required = true };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who asks.", Required = true };

    internal sealed record Request(string Subject, Handle By)
    {
        /// <summary>Says nothing of the subject.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>How a consent stands.</summary>
    internal enum Standing
    {
        /// <summary>A referral can rest on it.</summary>
        Granted,

        /// <summary>The hub has not answered yet.</summary>
        Waiting,

        /// <summary>The hub does not take it.</summary>
        Refused,

        /// <summary>The grantor said no.</summary>
        Denied,

        /// <summary>The grantor took it back.</summary>
        Revoked,

        /// <summary>Its time is over.</summary>
        Expired,
    }

    /// <summary>One consent.</summary>
    /// <param name="Consent">Its id.</param>
    /// <param name="To">The only agency that may receive under it.</param>
    /// <param name="Standing">How it stands.</param>
    /// <param name="Purposes">For which purposes.</param>
    /// <param name="Services">For which service families.</param>
    /// <param name="Categories">Which categories, in the hub's words.</param>
    /// <param name="ValidUntil">First second in which it no longer counts.</param>
    internal sealed record Listed(
        Guid Consent,
        AgencyId To,
        Standing Standing,
        IReadOnlyList<Purpose> Purposes,
        IReadOnlyList<ServiceFamily> Services,
        IReadOnlyList<ClearCategory> Categories,
        DateTimeOffset ValidUntil);

    /// <summary>What <c>consent list</c> prints.</summary>
    /// <param name="Consents">Oldest first.</param>
    internal sealed record All(IReadOnlyList<Listed> Consents) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var one in Consents)
                to.WriteLine($"{WireId.Text(one.Consent)}  {one.To}  {Code.Text(one.Standing)}  until {WireTime.Text(one.ValidUntil)}  {string.Join(' ', one.Categories.Select(Code.Text))}");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/consents/list", Handle);

    public static Command Command() => Cli.Local("list", "Show what was agreed to about somebody.", [Subject, By], async (parsed, local, ct) => await local.PostAsync<All>(
        "consents/list", new Request(await Cli.TextAsync(parsed.GetRequiredValue(Subject), ct), Cli.Name<Handle>("--by", parsed.GetRequiredValue(By))), ct));

    internal static async Task<All> Handle(Request request, GatewayDb db, OwnAgency own, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        var codes = await CaseLink.CodesOfAsync(db, own, request.Subject, ct);
        var ours = await db.Consents.AsNoTracking().Where(c => c.Issuer == own.Id)
            .Join(db.Statements, c => c.Statement, s => s.Id, (c, s) => new { Consent = c, Statement = s }).OrderBy(x => x.Statement.Order).ToListAsync(ct);
        return new(
        [
            .. from one in ours
               where codes.Contains(one.Consent.Case)
               let terms = (Consent)one.Statement.Read().Statement
               select new Listed(
                   terms.ConsentId,
                   terms.To,
                   StandingOf(terms, one.Statement.Fate, one.Consent.Revocation is not null, clock.GetUtcNow()),
                   terms.Purposes,
                   terms.Services,
                   terms.Categories,
                   terms.ValidUntil),
        ]);
    }

    /// <summary>How a consent stands. Pure.</summary>
    internal static Standing StandingOf(Consent terms, Fate fate, bool isRevoked, DateTimeOffset now) =>
        fate is Fate.Refused ? Standing.Refused
        : isRevoked ? Standing.Revoked
        : terms.Status is ConsentStatus.Denied ? Standing.Denied
        : now >= terms.ValidUntil ? Standing.Expired
        : fate is Fate.Waiting ? Standing.Waiting
        : Standing.Granted;
}
