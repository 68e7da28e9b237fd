using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary><c>directory</c>: who belongs, how old our view of it is, and how many alarms stand.</summary>
internal static class ShowDirectory
{
    /// <summary>One agency.</summary>
    /// <param name="Agency">Its id.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Name">Its public name.</param>
    /// <param name="Services">What it offers.</param>
    /// <param name="Digits">The fingerprint of its recovery key, to compare by voice.</param>
    /// <param name="Words">The same in twelve words.</param>
    /// <param name="Compared">When somebody here last compared it by voice; null if nobody has compared this one.</param>
    /// <param name="ComparedBy">Who.</param>
    /// <param name="KeysAreStale">Whether it should have replaced one of its keys.</param>
    internal sealed record Member(
        AgencyId Agency, AgencyKind Kind, string Name, IReadOnlyList<ServiceFamily> Services, string Digits, string Words, DateTimeOffset? Compared, Handle? ComparedBy,
        bool KeysAreStale)
    {
        public static Member Of(Agency agency, Origin hub, IReadOnlyList<Comparison> comparisons, DateTimeOffset now)
        {
            var fingerprint = Fingerprint.Of(hub, agency.Id, agency.Recovery);
            var compared = comparisons.SingleOrDefault(c => c.Agency == agency.Id && c.Fingerprint == fingerprint);
            return new(
                agency.Id, agency.Event.Kind, agency.Event.Name, agency.Event.Services, Fingerprint.Digits(fingerprint), Fingerprint.Words(fingerprint), compared?.At, compared?.By,
                agency.HasStaleEncryptionKey(now) || agency.HasStaleSigningKey(now));
        }
    }

    /// <summary>What <c>directory</c> prints.</summary>
    /// <param name="Hub">The hub's origin.</param>
    /// <param name="Fingerprint">F.</param>
    /// <param name="Size">Entries replayed.</param>
    /// <param name="Confirmed">When the hub last cosigned this state.</param>
    /// <param name="Agencies">Who belongs, by id.</param>
    /// <param name="Alarms">How many stand; see <c>alarms</c>.</param>
    /// <param name="Warning">That it is old; null while it is not.</param>
    internal sealed record Shown(
        Origin Hub, Digest Fingerprint, long Size, DateTimeOffset? Confirmed, IReadOnlyList<Member> Agencies, int Alarms, string? Warning) : Output
    {
        public override int ExitCode() => Alarms > 0 ? Exit.Broken : Warning is null ? Exit.Good : Exit.Advice;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"{Hub}, {Size} entries, confirmed {(Confirmed is { } time ? WireTime.Text(time) : "never")}, fingerprint {Fingerprint}");
            foreach (var agency in Agencies)
            {
                to.WriteLine($"  {agency.Agency}  {Code.Text(agency.Kind)}  {agency.Name}  {string.Join(' ', agency.Services.Select(Code.Text))}");
                to.WriteLine($"    {agency.Digits}\n    {agency.Words}");
                to.WriteLine(agency.Compared is { } at ? $"    compared by {agency.ComparedBy}, {WireTime.Text(at)}" : "    not compared by voice yet");
                if (agency.KeysAreStale) to.WriteLine("    KEYS STALE: it should have replaced one; remind it");
            }

            if (Warning is not null) to.WriteLine($"WARNING {Warning}");
            if (Alarms > 0) to.WriteLine($"{Alarms} alarms stand: referral-gateway alarms");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/directory", Handle);

    public static Command Command()
    {
        var command = Cli.Local("directory", "Show who belongs.", [], async (_, local, ct) => await local.GetAsync<Shown>("directory", ct));
        command.Add(SearchDirectory.Command());
        command.Add(CompareFingerprint.Command());
        return command;
    }

    internal static async Task<Shown> Handle(GatewayDb db, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        var current = directory.Current;
        var comparisons = await db.Comparisons.AsNoTracking().ToListAsync(ct);
        var head = await db.LogHeads.AsNoTracking().SingleOrDefaultAsync(h => h.Log == HubLog.Directory, ct);
        return new(
            current.Genesis.Origin,
            current.Fingerprint,
            current.Size,
            head?.CosignedAt,
            [
                .. current.Agencies.OrderBy(a => a.Id.ToString(), StringComparer.Ordinal).Select(a => Member.Of(a, current.Genesis.Origin, comparisons, clock.GetUtcNow())),
            ],
            await Alarms.Standing(db).CountAsync(ct),
            FollowDirectory.Warning(head?.CosignedAt, clock.GetUtcNow()));
    }
}
