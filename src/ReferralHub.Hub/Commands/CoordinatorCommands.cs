using System.CommandLine;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub coordinator reviews | review | nudge | escalate | alternates</c>: acts of a coordinator, who sees metadata only. The hub
/// signs with the coordinator's handle; both parties hear of it.
/// </summary>
internal static class CoordinatorCommands
{
    public static readonly Option<string> As = new("--as") { Description = "The coordinator's handle: 4 to 26 of a-z 0-9", Required = true };

    private static readonly Argument<string> Referral = new("REF") { Description = "The referral's id" };
    private static readonly Option<string> To = new("--party") { Description = "sender or recipient", Required = true };
    private static readonly Option<string> Finding = new("--finding") { Description = "in-order or to-be-followed-up", Required = true };
    private static readonly Option<string[]> Agency = new("--agency") { Description = "An agency that might take the child on; up to five times", Required = true };

    public static Command Make() => new("coordinator", "Acts of a coordinator")
    {
        new Command("reviews", "What waits for a review, nearest to being missed first") { As }.Does((parse, ct) => Shell.Open(parse, async (services, db) =>
        {
            await Board.RecordRead(db, services.GetRequiredService<Agencies>(), ReadHandle(parse), ct);
            var now = db.Clock.GetUtcNow();
            var rows = await Reviews.Read(db, ct);
            return new Answer(rows.Select(Json), rows.Count == 0 ? "nothing waits for a review" : string.Join('\n', rows.Select(row => Line(row, now))));
        })),
        new Command("review", "Say what came of looking at a referral's coded facts") { Referral, As, Finding }.Does((parse, ct) =>
            Act(parse, CoordinatorActCode.Reviewed, act => act with { Finding = Shell.CodeOf<ReviewFinding>("--finding", parse.GetValue(Finding)) }, ct)),
        new Command("nudge", "Ask a party's duty desk to act") { Referral, As, To }.Does((parse, ct) =>
            Act(parse, CoordinatorActCode.Nudged, act => act with { Party = ReadParty(parse) }, ct)),
        new Command("escalate", "Tell a party's lead") { Referral, As, To }.Does((parse, ct) =>
            Act(parse, CoordinatorActCode.Escalated, act => act with { Party = ReadParty(parse) }, ct)),
        new Command("alternates", "Name agencies to the sender that might take the child on") { Referral, As, Agency }.Does((parse, ct) =>
            Act(parse, CoordinatorActCode.Alternates, act => act with { Agencies = ReadAgencies(parse) }, ct)),
    };

    public static Handle ReadHandle(ParseResult parse) => Shell.Name<Handle>("--as", parse.GetValue(As)!)!;

    internal static string Line(ReviewRow row, DateTimeOffset now)
    {
        var (said, missed) = (row.Said, row.Due <= now ? "  OVERDUE" : "");
        var ground = said.Ground is { } legal ? $"  ground {Code.Text(legal)}" : "";
        var told = said.Told is { } child ? $"  child told: {Code.Text(child)}" : "";
        var early = said.ReleaseReason is { } reason ? $"  released early: {Code.Text(reason)}" : "";
        return $"{WireTime.Text(row.Due)}{missed}  {WireId.Text(said.ReferralId)}  {said.Issuer} -> {said.To}  {Code.Text(said.Urgency)}  {Code.Text(said.Basis)}{ground}{told}{early}  {string.Join(' ', said.Categories.Select(Code.Text))}";
    }

    private static object Json(ReviewRow row) => new
    {
        due = WireTime.Text(row.Due),
        referral = WireId.Text(row.Said.ReferralId),
        sender = row.Said.Issuer.ToString(),
        recipient = row.Said.To.ToString(),
        urgency = Code.Text(row.Said.Urgency),
        basis = Code.Text(row.Said.Basis),
        ground = row.Said.Ground is { } ground ? Code.Text(ground) : null,
        told = row.Said.Told is { } told ? Code.Text(told) : null,
        releaseReason = row.Said.ReleaseReason is { } reason ? Code.Text(reason) : null,
        categories = row.Said.Categories.Select(Code.Text),
    };

    private static Task<Answer> Act(ParseResult parse, CoordinatorActCode act, Func<CoordinatorAct, CoordinatorAct> complete, CancellationToken ct) =>
        Shell.Open(parse, async (services, db) =>
        {
            var text = parse.GetValue(Referral)!;
            var by = ReadHandle(parse);
            var fault = WireId.TryParse(text, out var id)
                ? await Coordinate.Act(
                    db, services.GetRequiredService<Agencies>(), services.GetRequiredService<HubKeys>(), id, common => complete(common.Say(act, by)), ct)
                : CoordinateFault.NoReferral;
            return fault is null
                ? new Answer(new { referral = text, act = Code.Text(act), by = by.ToString() }, $"{text}: {Code.Text(act)}; both parties are told")
                : throw Refuse(fault.Value, text, parse.GetValue(Agency) ?? []);
        });

    private static SettingsException Refuse(CoordinateFault fault, string referral, string[] agencies) => fault switch
    {
        CoordinateFault.NoReferral => new("REF", referral, "There is no such referral: give its id as the board shows it."),
        CoordinateFault.Over => new("REF", referral, "The handoff is over: there is nobody to ask."),
        CoordinateFault.Agencies => new("--agency", string.Join(' ', agencies), "Name active agencies that are neither its sender nor its recipient."),
    };

    private static Party ReadParty(ParseResult parse) => Shell.CodeOf<Party>("--party", parse.GetValue(To)) switch
    {
        Party.Sender => Party.Sender,
        Party.Recipient => Party.Recipient,
        _ => throw new SettingsException("--party", parse.GetValue(To)!, "Give sender or recipient."),
    };

    private static AgencyId[] ReadAgencies(ParseResult parse)
    {
        AgencyId[] agencies = [.. (parse.GetValue(Agency) ?? []).Select(text => Shell.Name<AgencyId>("--agency", text)!)];
        return agencies.Length is >= 1 and <= 5 && agencies.Distinct().Count() == agencies.Length
            ? agencies
            : throw new SettingsException("--agency", string.Join(' ', agencies.AsEnumerable()), "Give one to five agencies, none twice.");
    }
}
