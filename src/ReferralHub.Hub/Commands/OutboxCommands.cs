using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub outbox …</c>: messages that could not be taken, of which each holds up its stream until somebody has looked.</summary>
internal static class OutboxCommands
{
    private static readonly Argument<string> Stream = new("STREAM") { Description = "As 'outbox parked' shows it" };
    private static readonly Argument<long> Seq = new("SEQ") { Description = "As 'outbox parked' shows it" };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who decides", Required = true };

    public static Command Make() => new("outbox", "Messages that could not be taken")
    {
        new Command("parked", "Show them").Does((parse, ct) => Shell.Open(parse, (_, db) => List(db, ct))),
        new Command("retry", "Give a stream's messages back, in their order, once the cause is gone") { Stream }.Does((parse, ct) =>
            Shell.Open(parse, (_, db) => Retry(db, parse.GetValue(Stream)!, ct))),
        new Command("drop", "Give a message up: an agency is not told of something, and an event says so") { Seq, By }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Drop(db, services.GetRequiredService<Agencies>(), parse.GetValue(Seq), Arguments.Handle("--by", parse.GetValue(By)!), ct))),
    };

    internal static async Task<Answer> List(HubDb db, CancellationToken ct)
    {
        var parked = await db.Set<ParkedMessage>().AsNoTracking().OrderBy(m => m.Seq).ToListAsync(ct);
        return new(
            parked.Select(m => new { seq = m.Seq, stream = m.StreamId, type = m.Type, parked = WireTime.Text(m.Parked), error = m.Error }),
            parked.Count == 0 ? "none" : string.Join('\n', parked.Select(m => $"{m.Seq}  {m.StreamId}  {m.Type}  {WireTime.Text(m.Parked)}  {m.Error}")),
            parked.Count == 0 ? 0 : Shell.Advice);
    }

    internal static async Task<Answer> Retry(HubDb db, string stream, CancellationToken ct)
    {
        var count = await db.Write(
            async write =>
            {
                var parked = await db.Set<ParkedMessage>().Where(m => m.StreamId == stream).OrderBy(m => m.Seq).ToListAsync(write);
                foreach (var message in parked)
                {
                    db.Remove(message);
                    // Under the same number and id: before what came later, and known to whoever has had it.
                    db.Add(OutboxMessage.Again(message, db.Clock.GetUtcNow()));
                }

                return parked.Count;
            },
            ct);
        return count == 0
            ? throw new SettingsException("STREAM", stream, "No message of it is parked: see 'outbox parked'.")
            : new(new { stream, count }, $"{count} messages of {stream} are tried again");
    }

    internal static async Task<Answer> Drop(HubDb db, Agencies agencies, long seq, Handle by, CancellationToken ct)
    {
        await db.Write(
            async write =>
            {
                if (await db.Set<ParkedMessage>().SingleOrDefaultAsync(m => m.Seq == seq, write) is not { } parked)
                    throw new SettingsException("SEQ", $"{seq}", "No such message is parked: see 'outbox parked'.");
                db.Remove(parked);
                db.Record(new AuditEvent
                {
                    Event = AuditEventCode.MessageDropped,
                    At = await db.EventTime(write),
                    Directory = (await agencies.Now(db, write)).Head,
                    Statement = StrictJson.TryRead<StatementRecorded>(parked.Body, out var message) ? message.Statement : null,
                    By = by,
                });
            },
            ct);
        return new(new { seq, dropped = true }, $"dropped {seq}; what follows it in its stream goes on");
    }
}
