using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Client;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Commands;

/// <summary><c>status</c>: how this gateway stands, from its own folder; needs neither the hub nor a passphrase.</summary>
internal static class Status
{
    /// <summary>What <c>status</c> prints.</summary>
    /// <param name="Agency">The agency's id.</param>
    /// <param name="Hub">The hub's address; null before joining.</param>
    /// <param name="Fingerprint">F; null before joining.</param>
    /// <param name="Digits">What a registrar compares; null before joining.</param>
    /// <param name="Words">The same in twelve words.</param>
    /// <param name="Enrolled">Whether the directory has us.</param>
    /// <param name="DirectorySize">Entries replayed.</param>
    /// <param name="DirectoryConfirmed">When the hub last cosigned what we hold of the directory.</param>
    /// <param name="FeedRead">When the feed was last read to its end.</param>
    /// <param name="Waiting">Statements that the hub has not taken yet.</param>
    /// <param name="Refused">Statements that the hub refused for good.</param>
    /// <param name="Alarms">What stands, as <c>code: detail</c>.</param>
    /// <param name="Advice">What to do next; null when all is well.</param>
    internal sealed record Standing(
        string Agency,
        string? Hub,
        string? Fingerprint,
        string? Digits,
        string? Words,
        bool Enrolled,
        long DirectorySize,
        DateTimeOffset? DirectoryConfirmed,
        DateTimeOffset? FeedRead,
        int Waiting,
        int Refused,
        IReadOnlyList<string> Alarms,
        string? Advice) : Output
    {
        public override int ExitCode() => Alarms.Count > 0 ? Exit.Broken : Advice is null ? Exit.Good : Exit.Advice;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"agency: {Agency}");
            to.WriteLine($"hub: {Hub ?? "none"}");
            if (Fingerprint is not null) to.WriteLine($"fingerprint: {Fingerprint}");
            if (Digits is not null) to.WriteLine($"recovery key: {Digits}\n  {Words}");
            to.WriteLine($"enrolled: {(Enrolled ? "yes" : "no")}");
            to.WriteLine($"directory: {DirectorySize} entries, confirmed {Text(DirectoryConfirmed)}");
            to.WriteLine($"feed: read {Text(FeedRead)}");
            to.WriteLine($"statements: {Waiting} waiting, {Refused} refused");
            foreach (var alarm in Alarms) to.WriteLine($"ALARM {alarm}");
            if (Advice is not null) to.WriteLine($"next: {Advice}");
        }

        private static string Text(DateTimeOffset? time) => time is { } known ? WireTime.Text(known) : "never";
    }

    public static Command Command() => Cli.OnData("status", "Show how this gateway stands.", [], async (_, folder, ct) => await ReadAsync(folder, ct));

    internal static async Task<Standing> ReadAsync(DataFolder folder, CancellationToken ct)
    {
        var (entry, enrol) = OwnAgency.ReadEnrolment(folder);
        var agency = enrol.Agency.ToString();
        if (!File.Exists(folder.Database)) return NotJoined(agency);

        await using var db = new GatewayDb(GatewayDb.At(folder.Database));
        await db.UpgradeAsync(ct);
        if (await db.Bindings.SingleOrDefaultAsync(ct) is not { Certificates: not null } binding) return NotJoined(agency);

        var follow = new FollowDirectory(enrol.Agency, entry.PayloadDigest, TimeProvider.System, NullLogger<FollowDirectory>.Instance);
        await follow.LoadAsync(db, binding.Fingerprint, ct);
        var head = await db.LogHeads.SingleOrDefaultAsync(h => h.Log == HubLog.Directory, ct);
        var us = follow.Current.Find(enrol.Agency);
        var own = Protocol.Directory.Fingerprint.Of(follow.Current.Genesis.Origin, enrol.Agency, us?.Recovery ?? enrol.Recovery);
        var now = TimeProvider.System.GetUtcNow();
        return new(
            agency,
            binding.Url,
            binding.Fingerprint.ToString(),
            Protocol.Directory.Fingerprint.Digits(own),
            Protocol.Directory.Fingerprint.Words(own),
            follow.IsEnrolled,
            follow.Current.Size,
            head?.CosignedAt,
            binding.FeedReadAt,
            await Directory.Alarms.Waiting(db).CountAsync(ct),
            await db.Statements.CountAsync(s => s.Fate == Outgoing.Fate.Refused && !db.Referrals.Any(r => r.Id == s.Referral && (r.SealedExclusions != null || r.VisibleTo != null)), ct),
            [.. (await Directory.Alarms.Standing(db).OrderBy(a => a.Id).ToListAsync(ct)).Select(a => $"{Code.Text(a.Code)}: {(a.Referral is null ? a.Detail : "see alarms --by HANDLE")}")],
            us is null ? $"a registrar must sign; read out to it the digits or the words of the recovery key above"
                : us.Status is not AgencyStatus.Active ? "the registrars have suspended or closed this agency: call them"
                : FollowDirectory.Warning(head?.CosignedAt, now) ?? KeyAges.Advice(KeyAges.Of(us, binding.Certificates), now));
    }

    private static Standing NotJoined(string agency) => new(
        agency, null, null, null, null, false, 0, null, null, 0, 0, [], "join a hub: referral-gateway join URL --fingerprint F --token T");
}
