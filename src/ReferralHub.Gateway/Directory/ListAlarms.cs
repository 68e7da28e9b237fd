using System.CommandLine;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary><c>alarms</c>: what a person must look at, and with <c>--all</c> also what was cleared, by whom and why.</summary>
internal static class ListAlarms
{
    private static readonly Option<string?> By = new("--by") { Description = "Handle of who looks; leads are told more." };
    private static readonly Option<bool> All = new("--all") { Description = "Show those that were cleared, too." };

    internal sealed record Request(Handle? By, bool All);

    /// <summary>One alarm.</summary>
    /// <param name="Id">What <c>alarms clear</c> takes.</param>
    /// <param name="At">When it was raised.</param>
    /// <param name="Code">What it is.</param>
    /// <param name="Detail">Ids and codes.</param>
    /// <param name="StopsSealing">Whether nothing is sealed while it stands.</param>
    /// <param name="Held">What was held before: a signed note; null when it is not about a log.</param>
    /// <param name="Shown">What came instead, for whoever judges it; null when nothing did.</param>
    /// <param name="Cleared">How it was cleared; null while it stands.</param>
    internal sealed record Listed(
        long Id, DateTimeOffset At, AlarmCode Code, string Detail, bool StopsSealing, string? Held, string? Shown, Clearance? Cleared);

    /// <summary>How an alarm was cleared.</summary>
    /// <param name="At">When.</param>
    /// <param name="By">Handle of who did; null when its cause went.</param>
    /// <param name="Reason">Why, in their words.</param>
    internal sealed record Clearance(DateTimeOffset At, Handle? By, string? Reason)
    {
        /// <summary>Says nothing of the reason.</summary>
        public override string ToString() => $"cleared by {By}";
    }

    /// <summary>What <c>alarms</c> prints.</summary>
    /// <param name="Alarms">Oldest first.</param>
    internal sealed record Shown(IReadOnlyList<Listed> Alarms) : Output
    {
        public override int ExitCode() => Alarms.Any(a => a.Cleared is null) ? Exit.Broken : Exit.Good;

        public override void Print(TextWriter to)
        {
            foreach (var one in Alarms)
            {
                to.WriteLine($"{one.Id}  {WireTime.Text(one.At)}  {Code.Text(one.Code)}: {one.Detail}{(one is { StopsSealing: true, Cleared: null } ? "  NOTHING IS SEALED" : "")}");
                to.WriteLine(one.Cleared is { } cleared ? $"  ended {WireTime.Text(cleared.At)}{(cleared.By is { } by ? $", cleared by {by}: {cleared.Reason}" : ": its cause is gone")}" : $"  {Advice(one.Code)}");
            }

            if (Alarms.Count == 0) to.WriteLine("no alarms");
            else if (ExitCode() == Exit.Broken) to.WriteLine("next: referral-gateway alarms clear ID --by HANDLE --reason TEXT; --json shows the evidence");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/alarms", Handle);

    public static Command Command()
    {
        var command = Cli.Local("alarms", "Show what a person must look at.", [By, All], async (parsed, local, ct) =>
            await local.PostAsync<Shown>("alarms", new Request(Cli.OptionalName<Handle>("--by", parsed.GetValue(By)), parsed.GetValue(All)), ct));
        command.Add(ClearAlarm.Command());
        return command;
    }

    internal static async Task<Shown> Handle(Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, CancellationToken ct)
    {
        if (request.By is { } by) await Outbox.RequirePersonAsync(db, by, ct);
        var alarms = await VisibleAsync(db, exclusions, request.By, ct);
        return new([.. alarms.Where(a => request.All || a.ClearedAt is null).Select(a => Tell(a, own))]);
    }

    /// <summary>The alarms that somebody may know of, those that were cleared among them; oldest first.</summary>
    internal static async Task<IReadOnlyList<Alarm>> VisibleAsync(GatewayDb db, Exclusions exclusions, Handle? by, CancellationToken ct)
    {
        var hidden = await exclusions.HiddenFromAsync(db, by, ct);
        var told = by is not null && await Exclusions.IsToldAsync(db, by, ct);
        var alarms = await db.Alarms.OrderBy(a => a.Id).ToListAsync(ct);
        return alarms.FindAll(a => !(a.Referral is { } about && hidden.Contains(about)) && (told || a.Code != AlarmCode.ExclusionMatched));
    }

    internal static Listed Tell(Alarm alarm, OwnAgency own) => new(
        alarm.Id,
        alarm.At,
        alarm.Code,
        alarm.Detail,
        Alarm.Stops(alarm.Code),
        alarm.Held is { } held ? Encoding.UTF8.GetString(held) : null,
        alarm.Shown is { } shown ? Encoding.UTF8.GetString(shown) : null,
        alarm.ClearedAt is { } at ? new(at, alarm.ClearedBy, alarm.SealedReason is { } reason ? SelfSealed.OpenText(own.Keys, reason) : null) : null);

    private static string Advice(AlarmCode code) => code switch
    {
        AlarmCode.LogForked or AlarmCode.LogRolledBack =>
            "The hub contradicts itself: show the registrars and the other agencies both notes before you clear this.",
        AlarmCode.HubRestored => "The hub came back from a backup: look at what it refuses now that it had taken before (sent, inbox), and clear this.",
        AlarmCode.DirectoryInvalid => "The hub's directory breaks its rules: ask the registrars which entry is theirs.",
        AlarmCode.OwnKey => "Somebody changed a key in this agency's name: recover from paper and call the registrars now.",
        AlarmCode.OwnStatus => "The registrars have decided about this agency: call them.",
        AlarmCode.DirectoryConflict => "Somebody has signed two events in an agency's name: call that agency before you send to it.",
        AlarmCode.FingerprintDiffers => "Compare again, on a number that you know from elsewhere; if it stays so, send nothing there and call the registrars.",
        AlarmCode.FeedItemRefused => "The hub passed on what its signer cannot have meant: call the agency that it names.",
        AlarmCode.EnvelopeRefused => "The sender must send anew: call it.",
        AlarmCode.ConsentRefused => "The sender had no right to send this: call it, and its lead.",
        AlarmCode.ExclusionMatched => "Somebody here is, or is named like, a person who must not see it: give it to somebody else, and do not speak of it.",
        AlarmCode.ProfileRefused => "The hub shows as an agency's word what that agency did not sign: call the agency, and the registrars.",
        AlarmCode.SignInLocked => "Ask the person whether that was them; if not, somebody here tried to be them.",
        AlarmCode.ConsentRevoked => "Answer before the time given: referral-gateway erase ID --by HANDLE, or keep it on a ground. What was already read cannot be recalled by technology: tell whoever read it.",
        AlarmCode.RevocationTold => "The grantor took the consent back at the recipient: make sure, then referral-gateway consent revoke CONSENT --by HANDLE; show ID names the consent.",
        AlarmCode.ErasureOverdue => "The recipient has not said what it did with the content: call its lead.",
        AlarmCode.NobodyToTell => "Look after it now, and put somebody on duty who may know of it: referral-gateway people contact HANDLE --mail ADDRESS.",
        AlarmCode.GlassBroken => "Ask the lead why, and whether the content had been revoked.",
        AlarmCode.ReceiptRefused => "The hub cannot prove what it promised: show the registrars the receipt.",
    };
}
