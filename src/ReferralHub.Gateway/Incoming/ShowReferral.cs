using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary><c>show ID</c>: where a referral stands, who is responsible, and everything that both sides said about it.</summary>
internal static class ShowReferral
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string?> By = new("--by") { Description = "Handle of who looks; some referrals are kept from some people." };

    /// <summary>One statement about the referral.</summary>
    /// <param name="Statement">Its id.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Act">The act it states, if it states one.</param>
    /// <param name="By">Who signed it: the agency.</param>
    /// <param name="Person">Handle of the person; null when a gateway did it by itself.</param>
    /// <param name="Said">The signer's time.</param>
    /// <param name="HubTime">The hub's time; null while it waits.</param>
    /// <param name="Fate"><c>waiting</c>, <c>effective</c> or <c>refused</c>.</param>
    /// <param name="Responsible">Who is responsible after it; null unless it set a state, or once the handoff is over.</param>
    /// <param name="LogIndex">Its place in the audit log, once proved.</param>
    /// <param name="Refused">The hub's reasons against it; else empty.</param>
    internal sealed record Told(
        Digest Statement,
        StatementKind Kind,
        string? Act,
        AgencyId By,
        Handle? Person,
        DateTimeOffset Said,
        DateTimeOffset? HubTime,
        Fate Fate,
        AgencyId? Responsible,
        long? LogIndex,
        IReadOnlyList<string> Refused);

    /// <summary>A sealed part.</summary>
    /// <param name="Part">Which.</param>
    /// <param name="Sha256">Digest of its age file.</param>
    /// <param name="Size">Length of its age file in bytes.</param>
    /// <param name="SealedTo">Who can open it.</param>
    /// <param name="Held">Whether it is here.</param>
    internal sealed record PartOf(Part Part, Digest Sha256, long Size, AgencyId SealedTo, bool Held);

    /// <summary>What <c>show</c> prints.</summary>
    /// <param name="Referral">Its id.</param>
    /// <param name="Sender">Who referred.</param>
    /// <param name="Recipient">Who was referred to.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="Withdrawing">Whether the sender wants it back and the recipient has not answered.</param>
    /// <param name="Responsible">Which agency is responsible for the child now; null once the handoff is over.</param>
    /// <param name="Owner">Who of us has it; null when nobody has, and then we are not responsible.</param>
    /// <param name="Urgency">How soon a person must act, as the sender said last.</param>
    /// <param name="Consent">The consent that it rests on; null when it rests on none.</param>
    /// <param name="Next">What is owed next, and what runs out.</param>
    /// <param name="Blocked">Why it is not delivered; else null.</param>
    /// <param name="Parts">Its sealed parts.</param>
    /// <param name="Timeline">What was said, in order.</param>
    internal sealed record Shown(
        Guid Referral,
        AgencyId Sender,
        AgencyId Recipient,
        HandoffState State,
        bool Withdrawing,
        AgencyId? Responsible,
        Handle? Owner,
        Urgency Urgency,
        Guid? Consent,
        Outlook Next,
        string? Blocked,
        IReadOnlyList<PartOf> Parts,
        IReadOnlyList<Told> Timeline) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"{WireId.Text(Referral)} from {Sender} to {Recipient}");
            to.WriteLine($"state: {Printing.Standing(State, Withdrawing)}, {Code.Text(Urgency)}");
            to.WriteLine($"responsible now: {Responsible?.ToString() ?? "nobody, the handoff is over"}");
            if (Owner is not null) to.WriteLine($"with: {Owner}");
            if (Consent is { } consent) to.WriteLine($"consent: {WireId.Text(consent)}");
            if (Next.ToString() is { Length: > 0 } next) to.WriteLine($"next: {next}");
            if (Blocked is not null) to.WriteLine($"BLOCKED: {Blocked}");
            foreach (var told in Timeline)
            {
                var what = told.Act is null ? Code.Text(told.Kind) : $"{Code.Text(told.Kind)} {told.Act}";
                var proof = told.LogIndex is { } index ? $"log {index}" : Code.Text(told.Fate);
                to.WriteLine($"  {WireTime.Text(told.HubTime ?? told.Said)}  {told.By}  {what}  {told.Person?.ToString() ?? "gateway"}  {proof}{string.Concat(told.Refused.Select(r => " " + r))}");
            }
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/referrals/{id:guid}", Handle);

    public static Command Command() => Cli.Local("show", "Show where a referral stands.", [Id, By], async (parsed, local, ct) =>
        await local.GetAsync<Shown>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}{Local.Query("by", parsed.GetValue(By))}", ct));

    internal static async Task<Shown> Handle(
        Guid id, string? by, GatewayDb db, Exclusions exclusions, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, Cli.OptionalName<Handle>("--by", by), ct);
        var referral = await Acts.FindAsync(db, id, ct);
        var parts = await db.Parts.AsNoTracking().Where(p => p.Referral == id).ToListAsync(ct);
        var statements = await db.Statements.AsNoTracking().Where(s => s.Referral == id).OrderBy(s => s.Order).ToListAsync(ct);
        var steps = Story.Tell(referral, statements);
        return new(
            id,
            referral.Sender,
            referral.Recipient,
            referral.State,
            referral.Withdrawing,
            referral.Responsible,
            Handoff.IsTerminal(referral.State) ? null : (await Owners.OfAsync(db, exclusions, id, clock.GetUtcNow(), ct))?.Person,
            referral.Urgency,
            referral.Consent,
            (await Outlook.OfAsync(db, directory.Current, [referral], clock.GetUtcNow(), ct))[id],
            referral.Blocked,
            [.. parts.OrderBy(p => p.Part).Select(p => new PartOf(p.Part, p.Sha256, p.Size, p.SealedTo, p.Held))],
            [.. statements.Select(s => Tell(s, steps.FirstOrDefault(step => step.Statement == s.Id)?.Position.State, referral))]);
    }

    private static string? ActOf(Statement said) => said switch
    {
        { Does: { } stated } => Code.Text(stated),
        Protocol.Statements.Access access => Code.Text(access.Act),
        HubAct { Chain: { } step, Clock: { } clock } => $"{Code.Text(step)} {Code.Text(clock)}",
        CoordinatorAct act => Code.Text(act.Act),
        _ => null,
    };

    private static Told Tell(KeptStatement kept, HandoffState? state, KeptReferral referral)
    {
        var said = kept.Read().Statement;
        return new(
            kept.Id,
            kept.Kind,
            ActOf(said),
            said.Issuer,
            said.Person,
            said.IssuedAt,
            kept.HubTime,
            kept.Fate,
            state is { } now ? Handoff.Responsible(now, referral.Sender, referral.Recipient) : null,
            kept.LogIndex,
            kept.Fate == Fate.Refused ? Fates.ReasonsOf(kept) : []);
    }
}
