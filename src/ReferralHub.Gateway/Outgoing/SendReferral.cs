using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>send FILE --to AGENCY [--consent ID] --by H</c>: checks the form, takes out what is not disclosed, makes the summary, seals
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
    private static readonly Option<string?> Consent = new("--consent") { Description = "The consent it relies on; with another basis the one that was denied or taken back." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who sends it.", Required = true };
    private static readonly Option<string?> Replaces = new("--replaces") { Description = "A referral of ours that is over and that this one takes the place of." };
    private static readonly Option<bool> OnlyPreview = new("--preview") { Description = "Only show what the recipient would see." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Send without asking." };

    internal sealed record Request(ReferralFile File, AgencyId To, Guid? Consent, Handle By, byte[]? Secret = null)
    {
        /// <summary>Says nothing of the content and the secret.</summary>
        public override string ToString() => nameof(Request);
    }

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
        app.MapPost("/referrals/preview", async (Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, FollowDirectory directory, TimeProvider clock, CancellationToken ct) =>
            Preview(request.To, await CheckAsync(request, Content.Of(request.File, clock.GetUtcNow()), db, own, exclusions, directory, clock, ct)));
        app.MapPost("/referrals", Handle);
        app.MapPost("/drafts", DraftAsync);
    }

    public static Command Command() => Cli.Local("send", "Seal a referral and hand it in.", [Source, To, Consent, By, Replaces, OnlyPreview, Yes, Passphrase.SecretOption], async (parsed, local, ct) =>
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
            parsed.GetValue(Consent) is { } consent ? Cli.Id(consent) : null,
            Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));

        var shown = await local.PostAsync<Shown>("referrals/preview", request, ct);
        shown = shown with { Withheld = [.. shown.Withheld, .. whole.WithheldFiles()] };
        if (parsed.GetValue(OnlyPreview)) return shown;
        if (!parsed.GetValue(Yes)) shown.Confirm();

        using var secret = file.Without is null ? null : Passphrase.ReadSecret(parsed);
        request = request with { Secret = secret?.Utf8.ToArray() };
        using var body = new FramedContent(JsonSerializer.SerializeToUtf8Bytes(request, LocalJson.Options), attached);
        body.Headers.ContentType = new MediaTypeHeaderValue(FramedType);
        return file.Without is null
            ? await local.SendAsync<Sent>(HttpMethod.Post, "referrals", body, ct)
            : await local.SendAsync<Approve.Drafted>(HttpMethod.Post, "drafts", body, ct);
    });

    internal static async Task<Sent> Handle(
        HttpRequest http, GatewayDb db, OwnAgency own, Exclusions exclusions, Outbox outbox, Dispatch dispatch, FollowDirectory directory, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        var (request, attachments) = await FramedBody.ReadAsync<Request>(http.Body, ct);
        if (request.File.Without is not null) throw new RefusedException(Refusal.Malformed, "Without consent it takes a second person: it is a draft first.");
        var draft = await CheckAsync(request, Content.Of(request.File, clock.GetUtcNow()), db, own, exclusions, directory, clock, ct);
        return await HandInAsync(draft, AttachedOf(request, attachments), db, own, exclusions, outbox, dispatch, copies, clock, ct);
    }

    /// <summary>Signs the first person in, seals the content to ourselves and lets it wait for the second.</summary>
    internal static async Task<Approve.Drafted> DraftAsync(
        HttpRequest http, GatewayDb db, OwnAgency own, SignIn signIn, Exclusions exclusions, FollowDirectory directory, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        var (request, attachments) = await FramedBody.ReadAsync<Request>(http.Body, ct);
        await signIn.RequireAsync(db, request.By, request.Secret ?? [], ct);
        var draft = await CheckAsync(request, Content.Of(request.File, clock.GetUtcNow()), db, own, exclusions, directory, clock, ct);
        var summary = await copies.SealToOurselvesAsync(Facts(draft, Part.Summary), SummaryMembers(draft), ct);
        var record = await copies.SealToOurselvesAsync(Facts(draft, Part.Record), RecordMembers(draft, AttachedOf(request, attachments)), ct);
        var id = draft.Referral.ReferralId;
        await db.Write(
            async () =>
            {
                if (draft.NewCase is { } link && !await db.Cases.AnyAsync(c => c.Code == link.Code, ct)) db.Cases.Add(link);
                Copies.Keep(db, id, summary, record);
                db.Drafts.Add(new KeptDraft
                {
                    Id = id,
                    Kind = DraftKind.Referral,
                    Referral = id,
                    By = request.By,
                    At = clock.GetUtcNow(),
                    Facts = Encoding.ASCII.GetString(StrictJson.Write(draft.Referral)),
                    SealedExclusions = exclusions.Seal(draft.Content.Summary),
                });
            },
            ct);
        return new(id);
    }

    private static EnvelopeMember[] AttachedOf(Request request, FramedBody attachments) =>
    [
        .. (request.File.Attachments ?? []).Select((a, index) =>
            new EnvelopeMember(EnvelopeLayout.AttachmentPath(index + 1), a.Size, () => attachments.Next(a.Size))),
    ];

    /// <summary>Seals what was found right, keeps it, and tries to hand it in.</summary>
    internal static async Task<Sent> HandInAsync(
        Draft draft, IReadOnlyList<EnvelopeMember> attachments, GatewayDb db, OwnAgency own, Exclusions exclusions, Outbox outbox, Dispatch dispatch, Copies copies, TimeProvider clock, CancellationToken ct)
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
                Keep(
                    db, signed.Id, statement, SelfSealed.Seal(own.Keys, JsonSerializer.SerializeToUtf8Bytes(draft.Content.Form.Categories, LocalJson.Options)),
                    exclusions.Seal(draft.Content.Summary), clock.GetUtcNow());
                Copies.Keep(db, statement.ReferralId, ownSummary, ownRecord);
                return signed;
            },
            ct);
        var id = draft.Referral.ReferralId;
        var fate = await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct);
        return new(id, signed.Id, fate, [.. draft.Fields.Select(f => f.Field)], [summary, record]);
    }

    /// <summary>Keeps a referral of ours that was signed, in the caller's transaction.</summary>
    /// <param name="db">Inside a transaction.</param>
    /// <param name="id">Id of the statement.</param>
    /// <param name="statement">What was signed.</param>
    /// <param name="sealedCategories">What it disclosed exactly, sealed to ourselves; null when that is lost.</param>
    /// <param name="sealedExclusions">Whom it is kept from, sealed to ourselves; null when that is nobody, or lost.</param>
    /// <param name="now">Now.</param>
    /// <param name="held">Whether its parts are here.</param>
    /// <param name="visibleTo">Who may see it when whom it is kept from is lost; null when that is known.</param>
    internal static void Keep(
        GatewayDb db, Digest id, Referral statement, byte[]? sealedCategories, byte[]? sealedExclusions, DateTimeOffset now, bool held = true, string? visibleTo = null)
    {
        db.Referrals.Add(new KeptReferral
        {
            Id = statement.ReferralId,
            Role = Party.Sender,
            Sender = statement.Issuer,
            Recipient = statement.To,
            Consent = statement.Consent,
            Basis = statement.Basis,
            Release = statement.Release,
            Replaces = statement.Replaces,
            Purpose = statement.Purpose,
            Statement = id,
            Kept = now,
            State = Handoff.Start.State,
            Urgency = statement.Urgency,
            Current = id,
            Seen = id,
            SealedCategories = sealedCategories,
            SealedExclusions = sealedExclusions,
            VisibleTo = visibleTo,
        });
        foreach (var part in statement.Parts)
        {
            db.Parts.Add(new KeptPart
            {
                Sha256 = part.Sha256,
                Referral = statement.ReferralId,
                Part = part.Part,
                Size = part.Size,
                SealedTo = statement.To,
                Held = held,
            });
        }
    }

    /// <summary>Everything that can be wrong before sealing, in order.</summary>
    internal static async Task<Draft> CheckAsync(
        Request request, Content content, GatewayDb db, OwnAgency own, Exclusions exclusions, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        await directory.RequireFreshAsync(db, ct);
        var recipient = directory.EncryptionKeyOf(request.To);
        if (request.File.Attachments is { } attached && (attached.Sum(a => a.Size) > Limits.AttachmentBytes || attached.Count > Limits.Attachments))
            throw new RefusedException(Refusal.TooLarge, $"attachments: at most {Limits.Attachments} files and {Limits.AttachmentBytes} bytes together.");
        var now = clock.GetUtcNow();
        var expires = request.File.Expires ?? WireTime.Whole(now + DefaultLife);
        if (expires <= now || expires > now + LongestLife) throw new RefusedException(Refusal.Malformed, "expires: within the next 30 days.");

        if (request.File.Replaces is { } old) await RequireOverAsync(db, old, request.By, exclusions, ct);

        var ground = await GroundAsync(request, content.Form, db, own, ct);
        await AgencyExclusions.RequireAddressableAsync(db, own, ground.Subject, request.To, ConcernOf(request, content), ct);
        var fields = Disclosure.Fields(content.Summary, content.Form);
        if (Disclosure.Outside(fields, ground.Categories) is { Count: > 0 } outside)
            throw new RefusedException(Refusal.ContentOutsideConsent, "The consent does not cover these fields. Leave them out, or ask for consent.", outside);

        var without = request.File.Without;
        var referral = new Referral
        {
            Issuer = own.Id,
            IssuedAt = WireTime.Whole(now),
            Directory = new TreeHead(0, default),
            AuditLog = new TreeHead(0, default),
            ReferralId = Guid.CreateVersion7(now),
            To = request.To,
            Case = ground.Case.Code,
            Service = content.Summary.Service,
            Urgency = content.Summary.Urgency,
            Purpose = request.File.Purpose,
            Basis = without?.Basis ?? Basis.Consent,
            Consent = request.Consent,
            Ground = without?.Ground,
            Told = without?.Told,
            Categories = content.Form.Categories.Append(Category.Summary).Clear(),
            Release = request.File.Early is null ? ReleaseRule.OnAcceptance : ReleaseRule.OnDelivery,
            ReleaseReason = request.File.Early,
            Expires = WireTime.Whole(expires),
            By = request.By,
            Replaces = request.File.Replaces,
            Parts = [],
        };
        // Of what waits for a second person the check is asked what it will say with one.
        var decision = await Agreements.DecideAsync(db, directory.Current, referral, id: null, now, ct, without is null ? null : Approve.Anybody(referral));
        if (!decision.Permit) throw RefusedException.ByCheck(decision);

        var policy = (await Agreements.FindPolicyAsync(db, directory.Current, own.Id, request.To, now, ct))!;
        if (ContentCheck.Off(policy, content.Form.Categories, request.File.Disclose ?? []) is { Count: > 0 } off)
            throw new RefusedException(Refusal.ContentOutsideConsent, "These categories are off unless the file includes them by name.", [.. off.Select(Code.Text)]);
        if (ContentCheck.Against(policy, referral.Basis, content.Summary) is { Count: > 0 } against)
            throw new RefusedException(Refusal.ContentOutsideConsent, "The policy does not let this go: it names other areas, or this basis is for younger people.", [.. against.Select(Code.Text)]);
        if (ground.Agreed is { } agreed && ContentCheck.Against(policy, agreed, content.Summary.AgeBand, content.Form.Categories) is { Count: > 0 } reasons)
            throw new RefusedException(Refusal.ContentOutsideConsent, "Those who agreed do not suffice at this age, by the policy.", [.. reasons.Select(Code.Text)]);
        return new(referral, recipient, content, ground.Member, ground.Statement, fields) { NewCase = ground.IsNewCase ? ground.Case : null };
    }

    // Also where it is not disclosed.
    private static JsonElement? ConcernOf(Request request, Content content) =>
        request.File.Form.TryGetValue(Code.Text(Category.Concern), out var concern) ? concern : content.Form[Category.Concern];

    /// <summary>What a referral stands on, as far as only we know it.</summary>
    /// <param name="Subject">Whom it is about.</param>
    /// <param name="Case">The code for that subject towards the recipient.</param>
    /// <param name="IsNewCase">Whether nobody was told that code before.</param>
    /// <param name="Categories">The exact categories that it carries.</param>
    /// <param name="Member">What the summary brings of it.</param>
    /// <param name="Statement">The consent's statement, if it names one.</param>
    /// <param name="Agreed">The sealed half of the consent that it relies on; null with another basis.</param>
    private sealed record Footing(
        string Subject, CaseLink Case, bool IsNewCase, IReadOnlyList<Category> Categories, EnvelopeMember Member, Digest? Statement, ConsentDetail? Agreed);

    private static async Task<Footing> GroundAsync(Request request, Form form, GatewayDb db, OwnAgency own, CancellationToken ct)
    {
        var consent = request.Consent is not { } named ? null
            : await db.Consents.AsNoTracking().SingleOrDefaultAsync(c => c.Id == named && c.Issuer == own.Id, ct)
                ?? throw new RefusedException(Refusal.NotFound, $"--consent {named}: none of ours.");
        if (request.File.Without is { } without)
        {
            if (string.IsNullOrWhiteSpace(without.Subject) || string.IsNullOrWhiteSpace(without.Reason) || string.IsNullOrWhiteSpace(without.When) || without.Basis is Basis.Consent)
                throw new RefusedException(Refusal.Malformed, "without: subject, reason and when are words, and the basis is another than consent.");
            var known = await RecordConsent.FindCaseAsync(db, own, request.To, without.Subject, ct);
            var link = known ?? RecordConsent.NewCase(own, request.To, without.Subject);
            var detail = SealedJson.Write(new BasisDetail { Reason = without.Reason, Told = without.When, Categories = form.Categories });
            return new(without.Subject, link, known is null, form.Categories, EnvelopeMember.Of(EnvelopeLayout.BasisPath, detail), consent?.Statement, null);
        }

        if (consent is null) throw new RefusedException(Refusal.Malformed, "--consent is not set, and the file does not say why it goes without: fill in 'without'.");
        if (consent.SealedDetail is not { } kept)
            throw new RefusedException(Refusal.NotHeld, $"--consent {WireId.Text(consent.Id)}: what it says in full was lost with our keys. Record it anew: referral-gateway consent record FILE --to {request.To} --by HANDLE");
        var bytes = SelfSealed.Open(own.Keys, kept);
        if (!SealedJson.TryRead<ConsentDetail>(bytes, out var agreed)) throw new InvalidDataException($"The detail of consent {consent.Id} is broken.");
        var of = await db.Cases.AsNoTracking().SingleAsync(c => c.Code == consent.Case, ct);
        return new(SelfSealed.OpenText(own.Keys, of.SealedSubject), of, false, agreed.Categories, EnvelopeMember.Of(EnvelopeLayout.ConsentPath, bytes), consent.Statement, agreed);
    }

    private static Shown Preview(AgencyId to, Draft draft) => new(to, draft.Fields, draft.Content.Withheld);

    // The hub would refuse it, but only once everything is sealed.
    private static async Task RequireOverAsync(GatewayDb db, Guid id, Handle by, Exclusions exclusions, CancellationToken ct)
    {
        var replaced = await Acts.FindOursAsync(db, id, by, exclusions, ct);
        if (!Handoff.IsTerminal(replaced.State))
            throw new RefusedException(Refusal.StateForbids, $"--replaces {id}: it is {Code.Text(replaced.State)}; withdraw it first.", [Code.Text(replaced.State)]);
    }

    private static EnvelopeMember[] SummaryMembers(Draft draft) =>
    [
        EnvelopeMember.Of(EnvelopeLayout.FormPath(Part.Summary), SealedJson.Write(draft.Content.Summary)),
        draft.Footing,
    ];

    private static EnvelopeMember[] RecordMembers(Draft draft, IReadOnlyList<EnvelopeMember> attachments) =>
        [EnvelopeMember.Of(EnvelopeLayout.FormPath(Part.Record), draft.Content.Form.ToBytes()), .. attachments];

    private static Task<(SealedPart Sealed, SealedPart Copy)> SealAsync(
        Copies copies, Draft draft, Part part, IReadOnlyList<EnvelopeMember> members, CancellationToken ct) =>
        copies.SealAsync(draft.Recipient, Facts(draft, part), members, ct);

    private static EnvelopeFacts Facts(Draft draft, Part part) => new()
    {
        Sender = draft.Referral.Issuer,
        Recipient = draft.Referral.To,
        Referral = draft.Referral.ReferralId,
        Part = part,
        Categories = part == Part.Summary ? [Category.Summary] : draft.Content.Form.Categories,
        SealedAt = draft.Referral.IssuedAt,
    };

    /// <summary>A referral that may be sealed. Holds content: it is never logged.</summary>
    internal sealed record Draft(
        Referral Referral, EncryptionKey Recipient, Content Content, EnvelopeMember Footing, Digest? ConsentStatement, IReadOnlyList<DisclosedField> Fields)
    {
        /// <summary>The subject's code towards the recipient, when nobody had one before.</summary>
        public CaseLink? NewCase { get; init; }


        /// <summary>Names the referral only.</summary>
        public override string ToString() => WireId.Text(Referral.ReferralId);
    }
}
