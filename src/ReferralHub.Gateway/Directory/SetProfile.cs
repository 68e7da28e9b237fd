using System.CommandLine;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// <c>profile set FILE --by H</c>: says what this agency offers, when it is open and how to call its duty desk. It takes the
/// place of what was said before. Spec: docs/protocol.md §3.9.
/// </summary>
internal static class SetProfile
{
    private static readonly Argument<string> File = new("FILE") { Description = "The profile as JSON: services, hours, telephone." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who says so.", Required = true };

    /// <summary>The file.</summary>
    /// <param name="Services">What is offered; nothing in it can be an address.</param>
    /// <param name="Hours">When people are at work.</param>
    /// <param name="Telephone">The duty desk.</param>
    internal sealed record Given(IReadOnlyList<OfferedService> Services, WorkingHours Hours, Telephone Telephone);

    internal sealed record Request(Given Given, Handle By);

    /// <summary>What <c>profile set</c> and <c>capacity set</c> print.</summary>
    /// <param name="Statement">Id of our statement.</param>
    /// <param name="Services">The services it is about.</param>
    /// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
    internal sealed record Published(Digest Statement, IReadOnlyList<string> Services, Fate Fate) : Output
    {
        public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"published: {string.Join(' ', Services)}");
            if (Fate == Fate.Waiting) to.WriteLine("The hub cannot be reached; it is kept and goes out by itself.");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/profile", Handle);

    public static Command Command() => Cli.Local("set", "Say what this agency offers and when it is open.", [File, By], async (parsed, local, ct) =>
    {
        var given = await InputFile.ReadAsync<Given>(parsed.GetRequiredValue(File), ct);
        return await local.PostAsync<Published>("profile", new Request(given, Cli.Name<Handle>("--by", parsed.GetRequiredValue(By))), ct);
    });

    internal static async Task<Published> Handle(
        Request request, GatewayDb db, Profiles profiles, FollowDirectory directory, Dispatch dispatch, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        var given = request.Given;
        if (!given.Hours.IsWellFormed) throw new RefusedException(Refusal.Malformed, "hours: seven days from Monday, times in order that do not touch, holidays ascending.");
        if (!WorkingCalendar.TryMake(given.Hours, out _)) throw new RefusedException(Refusal.Malformed, $"hours.zone {given.Hours.Zone}: this machine knows no such time zone.");
        if (given.Services.SelectMany(s => s.Areas).FirstOrDefault(area => !directory.Current.KnowsArea(area, directory.Current.Size)) is { } strange)
            throw new RefusedException(Refusal.Malformed, $"areas: {strange} is in no policy of this directory.");
        var signed = await profiles.PublishAsync(db, preamble => Statement(given, request.By, preamble), ct);
        return new(signed.Id, [.. given.Services.Select(s => s.Key.ToString())], await Profiles.SettleAsync(db, dispatch, signed, ct));
    }

    private static Profile Statement(Given given, Handle by, Preamble preamble)
    {
        var profile = new Profile
        {
            Issuer = preamble.Issuer,
            IssuedAt = preamble.IssuedAt,
            Directory = preamble.Directory,
            AuditLog = preamble.AuditLog,
            Services = given.Services,
            Hours = given.Hours,
            Telephone = given.Telephone,
            By = by,
        };
        return profile.IsSound()
            ? profile
            : throw new RefusedException(Refusal.Malformed, "services: at most 16, none twice; ages in order, numbers 1 to 9, no list empty but the needs that are left out.");
    }
}
