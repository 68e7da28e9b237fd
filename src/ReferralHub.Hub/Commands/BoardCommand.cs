using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub board --as H</c>: all that is owed, in lanes, nearest to its breach first. Each look leaves an event; one that
/// watches leaves one when it begins.
/// </summary>
internal static class BoardCommand
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private static readonly Option<string?> Agency = new("--agency") { Description = "Only what this agency sent or received" };
    private static readonly Option<string?> Urgency = new("--urgency") { Description = "emergency, urgent, standard or planned" };
    private static readonly Option<string?> Service = new("--service") { Description = "Only for this help: shelter, medical, …" };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Show it again every two seconds, until Ctrl-C; with --json a line each time" };

    public static Command Make() => new Command("board", "What is owed by whom, nearest to its breach first")
    {
        CoordinatorCommands.As, Agency, Urgency, Service, Watch,
    }
        .Does((parse, ct) => Shell.Open(parse, async (services, db) =>
        {
            var by = CoordinatorCommands.ReadHandle(parse);
            var filter = new BoardFilter(
                Shell.Name<AgencyId>("--agency", parse.GetValue(Agency)),
                Shell.CodeOf<Urgency>("--urgency", parse.GetValue(Urgency)),
                Shell.CodeOf<ServiceFamily>("--service", parse.GetValue(Service)));
            var agencies = services.GetRequiredService<Agencies>();
            await Board.RecordRead(db, agencies, by, ct);
            var lanes = await Board.Read(db, agencies, filter, ct);
            if (!parse.GetValue(Watch)) return new Answer(Json(lanes), Text(lanes));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
            while (true)
            {
                Shell.Say(parse, new(Json(lanes), $"{WireTime.Text(db.Clock.GetUtcNow())}\n{Text(lanes)}\n"));
                await Task.Delay(Every, db.Clock, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stop.IsCancellationRequested) return Answer.Said;
                lanes = await Board.Read(db, agencies, filter, ct);
            }

            void End(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        }));

    internal static string Text(IReadOnlyList<BoardLane> lanes)
    {
        var text = new StringBuilder();
        foreach (var lane in lanes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{TitleOf(lane.Lane)}: {lane.Count}, overdue {lane.Overdue}\n");
            foreach (var row in lane.Rows)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"  {Left(row.Left),12}  {WireId.Text(row.Referral)}  {row.Sender} -> {row.Recipient}  {Code.Text(row.Urgency)}  {Code.Text(row.Service)}  {row.Owes} owes: {Code.Text(row.Clock)}{Step(row.Step)}{Near(row)}\n");
            }

            if (lane.Count > lane.Rows.Count) text.Append(CultureInfo.InvariantCulture, $"  and {lane.Count - lane.Rows.Count} more\n");
        }

        return text.ToString().TrimEnd();
    }

    private static object Json(IReadOnlyList<BoardLane> lanes) => lanes.Select(lane => new
    {
        lane = Code.Text(lane.Lane),
        count = lane.Count,
        overdue = lane.Overdue,
        referrals = lane.Rows.Select(row => new
        {
            referral = WireId.Text(row.Referral),
            sender = row.Sender.ToString(),
            recipient = row.Recipient.ToString(),
            service = Code.Text(row.Service),
            urgency = Code.Text(row.Urgency),
            state = Code.Text(row.State),
            owes = row.Owes.ToString(),
            clock = Code.Text(row.Clock),
            due = WireTime.Text(row.Due),
            left = row.Left,
            step = row.Step is { } step ? Code.Text(step) : null,
            consentEnds = row.ConsentEnds is { } ends ? WireTime.Text(ends) : null,
            keyIsStale = row.KeyIsStale,
        }),
    });

    private static string TitleOf(Lane lane) => lane switch
    {
        Lane.Undelivered => "undelivered",
        Lane.Unacknowledged => "unacknowledged",
        Lane.Undecided => "acknowledged but undecided",
        Lane.Silent => "accepted but silent",
        Lane.Unread => "ended but unread",
    };

    private static string Left(long seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Abs(seconds));
        return $"{(seconds < 0 ? "-" : "")}{(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}";
    }

    private static string Near(BoardRow row) =>
        (row.ConsentEnds is { } ends ? $", consent ends {WireTime.Text(ends)}" : "") + (row.KeyIsStale ? ", recipient's key is stale" : "");

    private static string Step(ClockStep? step) => step is { } climbed ? $", {Code.Text(climbed)}" : "";
}
