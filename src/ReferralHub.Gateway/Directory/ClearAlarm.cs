using System.CommandLine;
using System.Text;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// <c>alarms clear ID --by H --reason TEXT|-</c>: a person has looked and says why it may rest. The alarm stays as a record with
/// who, when and why; what is still true is raised again.
/// </summary>
internal static class ClearAlarm
{
    private const int MaxReason = 2000;

    private static readonly Argument<long> Id = new("ID") { Description = "The alarm's number; see alarms." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who has looked.", Required = true };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why it may rest; - reads it from standard input.", Required = true };

    internal sealed record Request(Handle By, string Reason)
    {
        /// <summary>Says nothing of the reason.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>alarms clear</c> prints.</summary>
    /// <param name="Alarm">The alarm as it is kept.</param>
    internal sealed record Done(ListAlarms.Listed Alarm) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"cleared alarm {Alarm.Id}, {Code.Text(Alarm.Code)}; it is kept as a record");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/alarms/{id:long}/clear", Handle);

    public static Command Command() => Cli.Local("clear", "Say that a person has looked, and why it may rest.", [Id, By, Reason], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), await Cli.TextAsync(parsed.GetRequiredValue(Reason), ct));
        return await local.PostAsync<Done>($"alarms/{parsed.GetValue(Id)}/clear", request, ct);
    });

    internal static async Task<Done> Handle(long id, Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > MaxReason)
            throw new RefusedException(Refusal.Malformed, $"--reason: 1 to {MaxReason} characters.");
        return await db.Write(
            async () =>
            {
                var alarm = (await ListAlarms.VisibleAsync(db, exclusions, request.By, ct)).SingleOrDefault(a => a.Id == id)
                    ?? throw new RefusedException(Refusal.NotFound, $"{id}: no such alarm. See: referral-gateway alarms --all");
                if (alarm.ClearedAt is not null) throw new RefusedException(Refusal.StateForbids, $"{id}: cleared already, by {alarm.ClearedBy}.");
                (alarm.ClearedAt, alarm.ClearedBy) = (clock.GetUtcNow(), request.By);
                alarm.SealedReason = SelfSealed.Seal(own.Keys, Encoding.UTF8.GetBytes(request.Reason));
                return new Done(ListAlarms.Tell(alarm, own));
            },
            ct);
    }
}
