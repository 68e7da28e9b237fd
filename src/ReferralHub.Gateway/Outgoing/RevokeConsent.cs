using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>consent revoke ID --by H</c>: the grantor took a consent of ours back. Nothing more goes under it; who received content
/// is told, locks it and must answer. Spec: docs/protocol.md §3.8.
/// </summary>
internal static class RevokeConsent
{
    private const string Plainly = "A copy already read cannot be recalled by technology. Tell the grantor so, and call the recipient.";

    private static readonly Argument<string> Id = new("ID") { Description = "The consent." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who records it.", Required = true };

    internal sealed record Request(Handle By);

    /// <summary>A referral that rests on the consent.</summary>
    /// <param name="Referral">Its id.</param>
    /// <param name="Recipient">Who received it.</param>
    /// <param name="AnswerDue">By when that agency says what it did with the content; null when it had got nothing.</param>
    internal sealed record Concerned(Guid Referral, AgencyId Recipient, DateTimeOffset? AnswerDue);

    /// <summary>What <c>consent revoke</c> prints.</summary>
    /// <param name="Consent">The consent.</param>
    /// <param name="Statement">Id of our statement.</param>
    /// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
    /// <param name="Referrals">What rests on it.</param>
    internal sealed record Revoked(Guid Consent, Digest Statement, Fate Fate, IReadOnlyList<Concerned> Referrals) : Output
    {
        public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"{WireId.Text(Consent)} is revoked; nothing more goes under it");
            foreach (var one in Referrals)
                to.WriteLine($"  {WireId.Text(one.Referral)} at {one.Recipient}: {(one.AnswerDue is { } due ? $"locked there; it answers by {WireTime.Text(due)}" : "nothing was released")}");
            if (Referrals.Any(one => one.AnswerDue is not null)) to.WriteLine(Plainly);
            if (Fate == Fate.Waiting) to.WriteLine("The hub cannot be reached: until it can, the recipient may still open what it holds. CALL IT.");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/consents/{id:guid}/revoke", Handle);

    public static Command Command() => Cli.Local("revoke", "Say that the grantor took it back.", [Id, By], async (parsed, local, ct) =>
        await local.PostAsync<Revoked>($"consents/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/revoke", new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By))), ct));

    internal static async Task<Revoked> Handle(Guid id, Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, Outbox outbox, Dispatch dispatch, CancellationToken ct)
    {
        var hidden = await exclusions.HiddenFromAsync(db, request.By, ct);
        var signed = await db.Write(
            async () =>
            {
                var consent = await db.Consents.SingleOrDefaultAsync(c => c.Id == id && c.Issuer == own.Id, ct)
                    ?? throw new RefusedException(Refusal.NotFound, $"{WireId.Text(id)}: no consent of ours. If the grantor told us about another agency's: referral-gateway revocation-told ID --by HANDLE");
                if (consent.Revocation is not null) throw new RefusedException(Refusal.StateForbids, $"{WireId.Text(id)} is revoked already.");
                var preamble = await outbox.PreambleAsync(db, ct);
                var signed = outbox.Add(
                    db,
                    new ConsentRevocation
                    {
                        Issuer = preamble.Issuer,
                        IssuedAt = preamble.IssuedAt,
                        Directory = preamble.Directory,
                        AuditLog = preamble.AuditLog,
                        ConsentId = id,
                        To = consent.To,
                        By = request.By,
                    },
                    stream: id);
                consent.Revocation = signed.Id;
                return signed;
            },
            ct);
        var fate = await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct);
        var concerned = await db.Referrals.AsNoTracking().Where(r => r.Consent == id && r.Basis == Basis.Consent).OrderBy(r => r.Kept).ToListAsync(ct);
        return new(id, signed.Id, fate, [.. concerned.Where(r => !hidden.Contains(r.Id)).Select(r => new Concerned(r.Id, r.Recipient, r.ErasureDue))]);
    }
}
