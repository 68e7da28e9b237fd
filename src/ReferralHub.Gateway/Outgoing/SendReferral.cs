using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>send FILE --to AGENCY --consent ID --by H</c>: checks the form, takes out what is not disclosed, makes the summary, seals
/// and hands in. What the consent does not cover is refused before anything is sealed; what is left is shown field by field. Attachments stream from the command's files
/// through the socket into the envelope: no plaintext touches a disk here. Spec: docs/protocol.md §2.4, §3.3.
/// </summary>
internal static class SendReferral
{
    private const string FramedType = "application/vnd.referralhub.framed";
    private static readonly TimeSpan DefaultLife = TimeSpan.FromDays(14);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(30);

    private static readonly Argument<string> Source = new("FILE") { Description = "The referral as JSON." };
    private static readonly Option<string> To = new("--to") { Description = "The recipient.", Required = true };
    private static readonly Option<string> Consent = new("--consent") { Description = "The consent it relies on.", Required = true };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who sends it.", Required = true };
    private static readonly Option<string?> Replaces = new("--replaces") { Description = "A referral of ours that is over and that this one takes the place of." };
    private static readonly Option<bool> OnlyPreview = new("--preview") { Description = "Only show what the recipient would see." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Send without asking." };

    internal sealed record Request(ReferralFile File, AgencyId To, Guid Consent, Handle By);

    /// <summary>What <c>send --preview</c> prints.</summary>
    /// <param name="To">The recipient.</param>
    /// <param name="Fields">What it would see, the summary at once and the rest after accepting.</param>
    /// <param name="Withheld">Names of the fields that stay here.</param>
    internal sealed record Shown(AgencyId To, IReadOnlyList<DisclosedField> Fields, IReadOnlyList<string> Withheld) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"What {To} will see:");
            foreach (var field in Fields) to.WriteLine($"  {(field.Part == Part.Summary ? "at once" : "after accepting")}  {field.Field}: {field.Value}");
            foreach (var field in Withheld) to.WriteLine($"  stays here  {field}");
        }

        /// <summary>Shows it and asks; throws unless the answer is to send.</summary>
        public void Confirm()
        {
            if (Console.IsInputRedirected) throw new CommandException("not-confirmed", "Nobody is there to ask: look with --preview, then send with --yes.");
            Print(Console.Error);
            Console.Error.Write($"Type send to send this to {To}: ");
            if (Console.ReadLine() != "send") throw new CommandException("not-confirmed", "Not sent.");
        }
    }

    /// <summary>What <c>send</c> prints.</summary>
    /// <param name="Referral">The referral's id.</param>
    /// <param name="Statement">Id of our statement.</param>
    /// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
    /// <param name="Disclosed">Names of the fields that were sealed.</param>
    /// <param name="Parts">The sealed parts with digest and size.</param>
    internal sealed record Sent(Guid Referral, Digest Statement, Fate Fate, IReadOnlyList<string> Disclosed, IReadOnlyList<SealedPart> Parts) : Output
    {
        public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"referral: {WireId.Text(Referral)}");
            to.WriteLine(Fate == Fate.Waiting ? "The hub cannot be reached; the referral is sealed and goes out by itself." : "sent: the hub has committed it");
        }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/referrals/preview", async (Request request, GatewayDb db, OwnAgency own, FollowDirectory directory, TimeProvider clock, CancellationToken ct) =>
            Preview(request.To, await CheckAsync(request, Content.Of(request.File, clock.GetUtcNow()), db, own, directory, clock, ct)));
        app.MapPost("/referrals", Handle);
    }

    public static Command Command() => Cli.Local("send", "Seal a referral and hand it in.", [Source, To, Consent, By, Replaces, OnlyPreview, Yes], async (parsed, local, ct) =>
    {
        var whole = await InputFile.ReadAsync<ReferralFile>(parsed.GetRequiredValue(Source), ct);
        var file = whole.WithoutWithheldFiles();
        var folder = Path.GetDirectoryName(Path.GetFullPath(parsed.GetRequiredValue(Source)))!;
        var attached = (file.Attachments ?? []).Select(a => new FileInfo(Path.Combine(folder, a.File))).ToList();
        var request = new Request(
            file with
            {
                Attachments = [.. (file.Attachments ?? []).Zip(attached, (a, info) => a with { Size = info.Length })],
                Replaces = parsed.GetValue(Replaces) is { } replaced ? Cli.Id(replaced) : file.Replaces,
            },
            Cli.Name<AgencyId>("--to", parsed.GetRequiredValue(To)),
            Cli.Id(parsed.GetRequiredValue(Consent)),
            Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));

        var shown = await local.PostAsync<Shown>("referrals/preview", request, ct);
        shown = shown with { Withheld = [.. shown.Withheld, .. whole.WithheldFiles()] };
        if (parsed.GetValue(OnlyPreview)) return shown;
        if (!parsed.GetValue(Yes)) shown.Confirm();

        using var body = new FramedContent(JsonSerializer.SerializeToUtf8Bytes(request, LocalJson.Options), attached);
        body.Headers.ContentType = new MediaTypeHeaderValue(FramedType);
        return await local.SendAsync<Sent>(HttpMethod.Post, "referrals", body, ct);
    });

    internal static async Task<Sent> Handle(
        HttpRequest http, GatewayDb db, OwnAgency own, Outbox outbox, Dispatch dispatch, FollowDirectory directory, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        var (request, attachments) = await FramedBody.ReadAsync<Request>(http.Body, ct);
        var draft = await CheckAsync(request, Content.Of(request.File, clock.GetUtcNow()), db, own, directory, clock, ct);
        EnvelopeMember[] attached =
        [
            .. (request.File.Attachments ?? []).Select((a, index) =>
                new EnvelopeMember(EnvelopeLayout.AttachmentPath(index + 1), a.Size, () => attachments.Next(a.Size))),
        ];
        return await HandInAsync(draft, attached, db, outbox, dispatch, copies, clock, ct);
    }

    /// <summary>Seals what was found right, keeps it, and tries to hand it in.</summary>
    internal static async Task<Sent> HandInAsync(
        Draft draft, IReadOnlyList<EnvelopeMember> attachments, GatewayDb db, Outbox outbox, Dispatch dispatch, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        var (summary, ownSummary) = await SealAsync(copies, draft, Part.Summary, SummaryMembers(draft), ct);
        var (record, ownRecord) = await SealAsync(copies, draft, Part.Record, RecordMembers(draft, attachments), ct);

        // From here on a crash leaves either nothing but four nameless files, or a referral that will be sent.
        var signed = await db.Write(
            async () =>
            {
                var preamble = await outbox.PreambleAsync(db, ct);
                var statement = draft.Referral with
                {
                    IssuedAt = preamble.IssuedAt,
                    Directory = preamble.Directory,
                    AuditLog = preamble.AuditLog,
                    Parts = [summary, record],
                };
                var signed = outbox.Add(db, statement, stream: statement.ReferralId, needs: draft.ConsentStatement);
                db.Referrals.Add(new KeptReferral
                {
                    Id = statement.ReferralId,
                    Role = Party.Sender,
                    Sender = statement.Issuer,
                    Recipient = statement.To,
                    Consent = statement.Consent!.Value,
                    Replaces = statement.Replaces,
                    Purpose = statement.Purpose,
                    Statement = signed.Id,
                    Kept = clock.GetUtcNow(),
                    State = Handoff.Start.State,
                    Urgency = statement.Urgency,
                    Current = signed.Id,
                    Seen = signed.Id,
                });
                Copies.Keep(db, statement.ReferralId, ownSummary, ownRecord);
                foreach (var part in statement.Parts)
                {
                    db.Parts.Add(new KeptPart
                    {
                        Sha256 = part.Sha256,
                        Referral = statement.ReferralId,
                        Part = part.Part,
                        Size = part.Size,
                        SealedTo = statement.To,
                        Held = true,
                    });
                }

                return signed;
            },
            ct);
        var id = draft.Referral.ReferralId;
        var fate = await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct);
        return new(id, signed.Id, fate, [.. draft.Fields.Select(f => f.Field)], [summary, record]);
    }

    /// <summary>Everything that can be wrong before sealing, in order.</summary>
    internal static async Task<Draft> CheckAsync(
        Request request, Content content, GatewayDb db, OwnAgency own, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        await directory.RequireFreshAsync(db, ct);
        var recipient = directory.Current.Find(request.To)
            ?? throw new RefusedException(Refusal.UnknownAgency, $"--to {request.To}: no such agency in the directory.");
        if (request.File.Attachments is { } attached && (attached.Sum(a => a.Size) > Limits.AttachmentBytes || attached.Count > Limits.Attachments))
            throw new RefusedException(Refusal.TooLarge, $"attachments: at most {Limits.Attachments} files and {Limits.AttachmentBytes} bytes together.");
        var now = clock.GetUtcNow();
        var expires = request.File.Expires ?? WireTime.Whole(now + DefaultLife);
        if (expires <= now || expires > now + LongestLife) throw new RefusedException(Refusal.Malformed, "expires: within the next 30 days.");

        if (request.File.Replaces is { } old) await RequireOverAsync(db, old, ct);

        var consent = await db.Consents.AsNoTracking().SingleOrDefaultAsync(c => c.Id == request.Consent && c.Issuer == own.Id, ct)
            ?? throw new RefusedException(Refusal.NotFound, $"--consent {request.Consent}: none of ours.");
        var said = (Consent)(await db.Statements.AsNoTracking().SingleAsync(s => s.Id == consent.Statement, ct)).Read().Statement;
        var detail = SelfSealed.Open(own.Keys, consent.SealedDetail!);
        if (!SealedJson.TryRead<ConsentDetail>(detail, out var agreed)) throw new InvalidDataException($"The detail of consent {consent.Id} is broken.");

        var fields = Disclosure.Fields(content.Summary, content.Form);
        if (Disclosure.Outside(fields, agreed.Categories) is { Count: > 0 } outside)
            throw new RefusedException(Refusal.ContentOutsideConsent, "The consent does not cover these fields. Leave them out, or ask for consent.", outside);

        var referral = new Referral
        {
            Issuer = own.Id,
            IssuedAt = WireTime.Whole(now),
            Directory = new TreeHead(0, default),
            AuditLog = new TreeHead(0, default),
            ReferralId = Guid.CreateVersion7(now),
            To = request.To,
            Case = consent.Case,
            Service = content.Summary.Service,
            Urgency = content.Summary.Urgency,
            Purpose = request.File.Purpose,
            Basis = Basis.Consent,
            Consent = consent.Id,
            Categories = content.Form.Categories.Append(Category.Summary).Clear(),
            Release = ReleaseRule.OnAcceptance,
            Expires = WireTime.Whole(expires),
            By = request.By,
            Replaces = request.File.Replaces,
            Parts = [],
        };
        var decision = await Agreements.DecideAsync(db, directory.Current, referral, said, now, ct);
        if (!decision.Permit) throw RefusedException.ByCheck(decision);
        return new(referral, recipient, content, detail, consent.Statement, fields);
    }

    private static Shown Preview(AgencyId to, Draft draft) => new(to, draft.Fields, draft.Content.Withheld);

    // The hub would refuse it, but only once everything is sealed.
    private static async Task RequireOverAsync(GatewayDb db, Guid id, CancellationToken ct)
    {
        var replaced = await db.Referrals.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.Role == Party.Sender, ct)
            ?? throw new RefusedException(Refusal.NotFound, $"--replaces {id}: no referral of ours.");
        if (!Handoff.IsTerminal(replaced.State))
            throw new RefusedException(Refusal.StateForbids, $"--replaces {id}: it is {Code.Text(replaced.State)}; withdraw it first.", [Code.Text(replaced.State)]);
    }

    private static EnvelopeMember[] SummaryMembers(Draft draft) =>
    [
        EnvelopeMember.Of(EnvelopeLayout.FormPath(Part.Summary), SealedJson.Write(draft.Content.Summary)),
        EnvelopeMember.Of(EnvelopeLayout.ConsentPath, draft.ConsentDetail),
    ];

    private static EnvelopeMember[] RecordMembers(Draft draft, IReadOnlyList<EnvelopeMember> attachments) =>
        [EnvelopeMember.Of(EnvelopeLayout.FormPath(Part.Record), draft.Content.Form.ToBytes()), .. attachments];

    private static Task<(SealedPart Sealed, SealedPart Copy)> SealAsync(
        Copies copies, Draft draft, Part part, IReadOnlyList<EnvelopeMember> members, CancellationToken ct)
    {
        var facts = new EnvelopeFacts
        {
            Sender = draft.Referral.Issuer,
            Recipient = draft.Referral.To,
            Referral = draft.Referral.ReferralId,
            Part = part,
            Categories = part == Part.Summary ? [Category.Summary] : draft.Content.Form.Categories,
            SealedAt = draft.Referral.IssuedAt,
        };
        return copies.SealAsync(draft.Recipient.Event.Encryption, facts, members, ct);
    }

    /// <summary>A referral that may be sealed. Holds content: it is never logged.</summary>
    internal sealed record Draft(
        Referral Referral, Agency Recipient, Content Content, byte[] ConsentDetail, Digest ConsentStatement, IReadOnlyList<DisclosedField> Fields)
    {
        /// <summary>Names the referral only.</summary>
        public override string ToString() => WireId.Text(Referral.ReferralId);
    }
}
