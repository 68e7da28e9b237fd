using System.CommandLine;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// <c>complete ID --by H --outcome O --note TEXT|-</c>: the service ended. The note is sealed to the sender, who is then
/// responsible again until it has read it. Spec: docs/protocol.md §2.6, §3.4.
/// </summary>
internal static class Complete
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who completes.", Required = true };
    private static readonly Option<Outcome> Result = Cli.CodeOption<Outcome>("--outcome", "How it ended");
    private static readonly Option<string> Text = new("--note") { Description = "A note to the sender; - reads it from standard input, where no process list shows it.", Required = true };

    internal sealed record Request(Handle By, Outcome Outcome, string Note)
    {
        /// <summary>Says nothing of the note.</summary>
        public override string ToString() => nameof(Request);
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/complete", Handle);

    public static Command Command() => Cli.Local("complete", "Say how the service ended.", [Id, By, Result, Text], async (parsed, local, ct) =>
    {
        var note = await Cli.TextAsync(parsed.GetRequiredValue(Text), ct);
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), parsed.GetValue(Result), note);
        return await local.PostAsync<Acted>($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/complete", request, ct);
    });

    internal static async Task<Acted> Handle(
        Guid id, Request request, GatewayDb db, Exclusions exclusions, OwnAgency own, Outbox outbox, Dispatch dispatch, FollowDirectory directory, PartFiles files, TimeProvider clock, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        if (string.IsNullOrWhiteSpace(request.Note)) throw new RefusedException(Refusal.Malformed, "--note is empty.");
        await directory.RequireFreshAsync(db, ct);
        var known = await Acts.FindAsync(db, id, ct);
        Acts.Require(known, HandoffAct.Completed);

        var note = await SealAsync(request, known, own, directory, files, clock, ct);
        var signed = await db.Write(
            async () =>
            {
                var referral = await Acts.FindAsync(db, id, ct);
                db.Parts.Add(new KeptPart { Sha256 = note.Sha256, Referral = id, Part = note.Part, Size = note.Size, SealedTo = referral.Sender, Held = true });
                return await Acts.StateAsync(db, outbox, referral, HandoffAct.Completed, preamble => Statement(request, referral, note, preamble), ct);
            },
            ct);
        return await Acts.SettleAsync(db, dispatch, id, signed.Id, ct);
    }

    private static async Task<SealedPart> SealAsync(
        Request request, KeptReferral referral, OwnAgency own, FollowDirectory directory, PartFiles files, TimeProvider clock, CancellationToken ct)
    {
        var sender = directory.Current.Find(referral.Sender) ?? throw new InvalidDataException($"The directory no longer has {referral.Sender}.");
        var facts = new EnvelopeFacts
        {
            Sender = own.Id,
            Recipient = referral.Sender,
            Referral = referral.Id,
            Part = Part.Note,
            Categories = [],
            SealedAt = clock.GetUtcNow(),
        };
        var note = EnvelopeMember.Of(EnvelopeLayout.FormPath(Part.Note), SealedJson.Write(new Note { Text = request.Note }));
        return await files.SealAsync(sender.Event.Encryption, own.Keys.Signing, facts, [note], ct);
    }

    private static Acknowledgement Statement(Request request, KeptReferral referral, SealedPart note, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        Referral = referral.Id,
        After = referral.Current,
        Act = HandoffAct.Completed,
        By = request.By,
        Outcome = request.Outcome,
        Parts = [note],
    };
}
