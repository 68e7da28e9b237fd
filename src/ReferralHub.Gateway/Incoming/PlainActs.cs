using System.CommandLine;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// The acts that need nothing but a person, of both sides: <c>acknowledge</c>, <c>start</c>, <c>hold</c>,
/// <c>confirm-withdrawal</c>, <c>no-show</c>, <c>enter-in-error</c>, each <c>ID --by H</c>. Spec: docs/protocol.md §3.4.
/// </summary>
internal static class PlainActs
{
    private static readonly (string Name, HandoffAct Act, string Description)[] All =
    [
        ("acknowledge", HandoffAct.Acknowledged, "Say that somebody owns deciding."),
        ("start", HandoffAct.InProgress, "Say that the service has started."),
        ("hold", HandoffAct.OnHold, "Say that the child waits for the service."),
        ("confirm-withdrawal", HandoffAct.CancelConfirmed, "Give back what the sender has withdrawn."),
        ("no-show", HandoffAct.NoShow, "Say that the child did not come."),
        ("enter-in-error", HandoffAct.EnteredInError, "Say that a referral of ours should never have been."),
    ];

    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who does it.", Required = true };

    internal sealed record Request(Handle By);

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var (name, act, _) in All)
        {
            app.MapPost($"/referrals/{{id:guid}}/{name}", (Guid id, Request request, GatewayDb db, Acts acts, CancellationToken ct) =>
                Handle(act, id, request, db, acts, ct));
        }
    }

    public static IEnumerable<Command> Commands() => All.Select(plain => Cli.Local(plain.Name, plain.Description, [Id, By], async (parsed, local, ct) =>
    {
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/{plain.Name}", request, ct);
    }));

    internal static Task<Acted> Handle(HandoffAct act, Guid id, Request request, GatewayDb db, Acts acts, CancellationToken ct) =>
        acts.DoAsync(db, id, request.By, act, (preamble, referral) => preamble.Say(referral, act, request.By), ct);
}
