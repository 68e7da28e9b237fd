using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary><c>directory</c>: who belongs, how old our view of it is, and which alarms stand.</summary>
internal static class ShowDirectory
{
    /// <summary>One agency.</summary>
    /// <param name="Agency">Its id.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Name">Its public name.</param>
    /// <param name="Services">What it offers.</param>
    /// <param name="Digits">The fingerprint of its recovery key, to compare by voice.</param>
    internal sealed record Member(AgencyId Agency, AgencyKind Kind, string Name, IReadOnlyList<ServiceFamily> Services, string Digits);

    /// <summary>One alarm.</summary>
    /// <param name="At">When it was raised.</param>
    /// <param name="Code">What it is.</param>
    /// <param name="Detail">Ids and codes.</param>
    /// <param name="StopsSealing">Whether nothing is sealed while it stands.</param>
    internal sealed record Raised(DateTimeOffset At, AlarmCode Code, string Detail, bool StopsSealing);

    /// <summary>What <c>directory</c> prints.</summary>
    /// <param name="Hub">The hub's origin.</param>
    /// <param name="Fingerprint">F.</param>
    /// <param name="Size">Entries replayed.</param>
    /// <param name="Confirmed">When the hub last cosigned this state.</param>
    /// <param name="Agencies">Who belongs, by id.</param>
    /// <param name="Alarms">What a person must look at, oldest first.</param>
    internal sealed record Shown(
        Origin Hub, Digest Fingerprint, long Size, DateTimeOffset? Confirmed, IReadOnlyList<Member> Agencies, IReadOnlyList<Raised> Alarms) : Output
    {
        public override int ExitCode() => Alarms.Count > 0 ? Exit.Broken : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"{Hub}, {Size} entries, confirmed {(Confirmed is { } time ? WireTime.Text(time) : "never")}, fingerprint {Fingerprint}");
            foreach (var agency in Agencies)
                to.WriteLine($"  {agency.Agency}  {Code.Text(agency.Kind)}  {agency.Name}  {string.Join(' ', agency.Services.Select(Code.Text))}");
            foreach (var alarm in Alarms) to.WriteLine($"ALARM {WireTime.Text(alarm.At)}  {Code.Text(alarm.Code)}: {alarm.Detail}");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/directory", Handle);

    public static Command Command() => Cli.Local("directory", "Show who belongs, and the alarms.", [], async (_, local, ct) =>
        await local.GetAsync<Shown>("directory", ct));

    internal static async Task<Shown> Handle(GatewayDb db, FollowDirectory directory, CancellationToken ct)
    {
        var current = directory.Current;
        var head = await db.LogHeads.AsNoTracking().SingleOrDefaultAsync(h => h.Log == HubLog.Directory, ct);
        var alarms = await db.Alarms.AsNoTracking().OrderBy(a => a.Id).ToListAsync(ct);
        return new(
            current.Genesis.Origin,
            current.Fingerprint,
            current.Size,
            head?.CosignedAt,
            [
                .. current.Agencies.OrderBy(a => a.Id.ToString(), StringComparer.Ordinal).Select(a => new Member(
                    a.Id,
                    a.Event.Kind,
                    a.Event.Name,
                    a.Event.Services,
                    Fingerprint.Digits(Fingerprint.Of(current.Genesis.Origin, a.Id, a.Event.Recovery)))),
            ],
            [.. alarms.Select(a => new Raised(a.At, a.Code, a.Detail, Alarm.Stops(a.Code)))]);
    }
}
