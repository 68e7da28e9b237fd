using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// <c>erase ID --by H</c> and <c>keep ID --by H --ground G</c>: a lead answers for what we received. Erasing deletes every sealed
/// part that we hold of it and what we noted about whom it is kept from, then says so; with a part's file goes the only key that
/// opened it. <c>revocation-told ID --by H</c>: the grantor told us; we lock at once and tell the sender. Spec: docs/protocol.md §3.8.
/// </summary>
internal static class AnswerRevocation
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who answers: a lead.", Required = true };
    private static readonly Option<string> Told = new("--by") { Description = "Handle of who was told.", Required = true };
    private static readonly Option<KeepGround> Ground = Cli.CodeOption<KeepGround>("--ground", "Why it is kept");

    internal sealed record Request(Handle By, KeepGround? Ground = null);

    /// <summary>What the three commands print.</summary>
    /// <param name="Referral">The referral.</param>
    /// <param name="Statement">Id of our statement.</param>
    /// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
    /// <param name="Parts">How many sealed parts were deleted; null of <c>revocation-told</c>, which only locks.</param>
    internal sealed record Answered(Guid Referral, Digest Statement, Fate Fate, int? Parts) : Output
    {
        public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            var done = Parts switch
            {
                null => "locked, nothing of it is opened here again",
                0 => "nothing was deleted",
                _ => $"{Parts} sealed parts are deleted",
            };
            to.WriteLine($"{WireId.Text(Referral)}: {done}; the sender is told");
            to.WriteLine("What somebody has read or written down cannot be recalled by technology: see to that yourselves.");
            if (Fate == Fate.Waiting) to.WriteLine("The hub cannot be reached; the statement is kept and goes out by itself.");
        }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/referrals/{id:guid}/erase", EraseAsync);
        app.MapPost("/referrals/{id:guid}/keep", KeepAsync);
        app.MapPost("/referrals/{id:guid}/revocation-told", ToldAsync);
    }

    public static IEnumerable<Command> Commands() =>
    [
        Cli.Local("erase", "Delete what we received of a referral, and say so.", [Id, By], (parsed, local, ct) => PostAsync(parsed, local, "erase", By, null, ct)),
        Cli.Local("keep", "Say why we keep what was revoked.", [Id, By, Ground], (parsed, local, ct) => PostAsync(parsed, local, "keep", By, parsed.GetValue(Ground), ct)),
        Cli.Local("revocation-told", "Say that the grantor told us that the consent is taken back.", [Id, Told], (parsed, local, ct) => PostAsync(parsed, local, "revocation-told", Told, null, ct)),
    ];

    internal static async Task<Answered> EraseAsync(
        Guid id, Request request, GatewayDb db, Exclusions exclusions, Outbox outbox, Dispatch dispatch, PartFiles files, CancellationToken ct)
    {
        await RequireLeadAsync(db, id, request.By, exclusions, ct);
        var (signed, gone) = await db.Write(
            async () =>
            {
                var (referral, said) = await SayAsync(db, id, outbox, (preamble, r) => Receipt(preamble, r, ErasureAct.Erased, null, request.By), ct);
                referral.Locked = CustodyOf.Erased;
                await exclusions.ForgetNamesAsync(db, referral, ct);
                var held = await db.Parts.Where(p => p.Referral == id && p.Held).ToListAsync(ct);
                foreach (var part in held) part.Held = false;
                var erased = held.ConvertAll(p => p.Sha256);
                await FileKeys.ForgetAsync(db, erased, ct);
                return (said, erased);
            },
            ct);
        // Rows first: after a crash the next start sweeps what no row holds.
        foreach (var part in gone) files.Delete(part);
        return new(id, signed.Id, await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct), gone.Count);
    }

    internal static async Task<Answered> KeepAsync(
        Guid id, Request request, GatewayDb db, Exclusions exclusions, Outbox outbox, Dispatch dispatch, CancellationToken ct)
    {
        await RequireLeadAsync(db, id, request.By, exclusions, ct);
        if (request.Ground is not { } ground) throw new RefusedException(Refusal.Malformed, "--ground is not set.");
        var (_, signed) = await db.Write(() => SayAsync(db, id, outbox, (preamble, r) => Receipt(preamble, r, ErasureAct.Kept, ground, request.By), ct), ct);
        return new(id, signed.Id, await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct), 0);
    }

    internal static async Task<Answered> ToldAsync(
        Guid id, Request request, GatewayDb db, Exclusions exclusions, Outbox outbox, Dispatch dispatch, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        var signed = await db.Write(
            async () =>
            {
                var referral = await Acts.FindAsync(db, id, ct);
                if (referral.Role is not Party.Recipient || referral.Basis is not Basis.Consent)
                    throw new RefusedException(Refusal.NotForYou, $"{WireId.Text(id)} does not rest on another agency's consent.");
                var preamble = await outbox.PreambleAsync(db, ct);
                var signed = outbox.Add(
                    db,
                    new RevocationNotice
                    {
                        Issuer = preamble.Issuer,
                        IssuedAt = preamble.IssuedAt,
                        Directory = preamble.Directory,
                        AuditLog = preamble.AuditLog,
                        Referral = id,
                        After = referral.Seen,
                        By = request.By,
                    },
                    stream: id);
                referral.Locked ??= CustodyOf.Told;
                return signed;
            },
            ct);
        return new(id, signed.Id, await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct), Parts: null);
    }

    private static async Task<(KeptReferral Referral, SignedStatement Signed)> SayAsync(
        GatewayDb db, Guid id, Outbox outbox, Func<Preamble, KeptReferral, ErasureReceipt> say, CancellationToken ct)
    {
        var referral = await Acts.FindAsync(db, id, ct);
        var receipt = say(await outbox.PreambleAsync(db, ct), referral);
        if (referral.Custody.Next(referral.Role, receipt, approved: false) is not { } next)
            throw new RefusedException(Refusal.CustodyForbids, $"{WireId.Text(id)}: holds or the revocation stand against it. Only the recipient answers, it erases nothing that it holds, and keeps only what was revoked.");
        referral.Custody = next;
        referral.ErasureDue = null;
        return (referral, outbox.Add(db, receipt, stream: id));
    }

    private static ErasureReceipt Receipt(Preamble preamble, KeptReferral referral, ErasureAct act, KeepGround? ground, Handle by) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        Referral = referral.Id,
        After = referral.Seen,
        Act = act,
        Ground = ground,
        By = by,
    };

    private static async Task RequireLeadAsync(GatewayDb db, Guid id, Handle by, Exclusions exclusions, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, by, ct);
        if (!await Exclusions.IsToldAsync(db, by, ct)) throw new RefusedException(Refusal.NotForYou, $"{by} is no lead: a lead answers for what is erased or kept.");
    }

    private static async Task<Output> PostAsync(ParseResult parsed, Local local, string what, Option<string> by, KeepGround? ground, CancellationToken ct)
    {
        var request = new Request(Cli.Name<Handle>(by.Name, parsed.GetRequiredValue(by)), ground);
        return await local.PostAsync<Answered>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/{what}", request, ct);
    }
}
