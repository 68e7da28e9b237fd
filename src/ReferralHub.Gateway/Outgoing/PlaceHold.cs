using System.CommandLine;
using System.Text;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>legal-hold place ID --by H</c> and <c>legal-hold release ID --by H</c>: we must keep what belongs to a referral, or need not any more. Takes a
/// second person: it waits as a draft. Spec: docs/protocol.md §3.8.
/// </summary>
internal static class PlaceHold
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who asks for it; another one approves.", Required = true };

    internal sealed record Request(Handle By, HoldAct Act, byte[] Secret)
    {
        /// <summary>Says nothing of the secret.</summary>
        public override string ToString() => nameof(Request);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/legal-hold", Handle);

    public static Command Command() => Cli.Group(
        "legal-hold",
        "Keep a referral from being erased, whoever asks.",
        Make("place", "Place our hold; a second person approves.", HoldAct.Placed),
        Make("release", "Release it; a second person approves.", HoldAct.Released));

    internal static async Task<Approve.Drafted> Handle(
        Guid id, Request request, GatewayDb db, SignIn signIn, Exclusions exclusions, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        await signIn.RequireAsync(db, request.By, request.Secret, ct);
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        var referral = await Acts.FindAsync(db, id, ct);
        var preamble = await outbox.PreambleAsync(db, ct);
        var hold = new LegalHold
        {
            Issuer = preamble.Issuer,
            IssuedAt = preamble.IssuedAt,
            Directory = preamble.Directory,
            AuditLog = preamble.AuditLog,
            Referral = id,
            After = referral.Seen,
            Act = request.Act,
            By = request.By,
        };
        if (referral.Custody.Next(referral.Role, hold, approved: true) is null)
            throw new RefusedException(Refusal.CustodyForbids, $"{WireId.Text(id)}: the hold is already as it should be.");

        var draft = Guid.CreateVersion7(clock.GetUtcNow());
        await db.Write(
            () =>
            {
                db.Drafts.Add(new KeptDraft
                {
                    Id = draft,
                    Kind = DraftKind.LegalHold,
                    Referral = id,
                    By = request.By,
                    At = clock.GetUtcNow(),
                    Facts = Encoding.ASCII.GetString(StrictJson.Write(hold)),
                });
                return Task.CompletedTask;
            },
            ct);
        return new(draft);
    }

    private static Command Make(string name, string description, HoldAct act) => Cli.Local(name, description, [Id, By, Passphrase.SecretOption], async (parsed, local, ct) =>
    {
        using var secret = Passphrase.ReadSecret(parsed);
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), act, secret.Utf8.ToArray());
        return await local.PostAsync<Approve.Drafted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/legal-hold", request, ct);
    });
}
