using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary><c>capacity set CODE --by H [--service S] [--number N]</c>: says whether we can take somebody now. Spec: docs/protocol.md §3.9.</summary>
internal static class SetCapacity
{
    private static readonly Argument<string> State = new("CODE") { Description = $"{string.Join(", ", Code.All<LiveCapacity>())}." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who says so.", Required = true };
    private static readonly Option<string?> Service = new("--service") { Description = "Only this service; all of ours otherwise." };
    private static readonly Option<int?> Number = new("--number") { Description = "Which one of --service, where there are several of it; the first otherwise." };

    internal sealed record Request(LiveCapacity Capacity, HelpService? Service, int Number, Handle By);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/capacity", Handle);

    public static Command Command() => Cli.Local("set", "Say whether we can take somebody now.", [State, By, Service, Number], async (parsed, local, ct) =>
    {
        var (service, number) = (Cli.OptionalCode<HelpService>("--service", parsed.GetValue(Service)), parsed.GetValue(Number));
        if (service is null && number is not null) throw Cli.Malformed("--number says which one of a service: name it with --service.");
        var request = new Request(
            Cli.Code<LiveCapacity>("CODE", parsed.GetRequiredValue(State)),
            service,
            number ?? 1,
            Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
        return await local.PostAsync<SetProfile.Published>("capacity", request, ct);
    });

    internal static async Task<SetProfile.Published> Handle(
        Request request, GatewayDb db, OwnAgency own, Profiles profiles, Dispatch dispatch, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        var ours = await Profiles.FindAsync(db, own.Id, ct)
            ?? throw new RefusedException(Refusal.NotFound, "Nothing is published yet. First: referral-gateway profile set FILE --by HANDLE");
        ServiceKey[] meant = [.. ours.Profile.Services.Select(s => s.Key).Where(k => request.Service is not { } service || k == new ServiceKey(service, request.Number))];
        if (meant.Length == 0) throw new RefusedException(Refusal.NotFound, "--service: our profile has no such service.");

        // Of the others what was said last; of those that are no longer offered nothing.
        var before = (ours.Capacity?.Services ?? []).ToDictionary(s => s.Key, s => s.Capacity);
        ServiceCapacity[] now =
        [
            .. ours.Profile.Services.Select(s => s.Key)
                .Where(k => meant.Contains(k) || before.ContainsKey(k))
                .Select(k => new ServiceCapacity(k.Offers, k.Number, meant.Contains(k) ? request.Capacity : before[k])),
        ];
        var signed = await profiles.PublishAsync(db, preamble => Statement(now, request.By, preamble), ct);
        return new(signed.Id, [.. meant.Select(k => k.ToString())], await Profiles.SettleAsync(db, dispatch, signed, ct));
    }

    private static Capacity Statement(IReadOnlyList<ServiceCapacity> services, Handle by, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        Services = services,
        By = by,
    };
}
