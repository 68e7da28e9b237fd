using System.CommandLine;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>approve DRAFT --as H</c>: a second person, signed in with a secret of their own, stands behind what the first one wrote;
/// with that it is sealed, signed and handed in, the approval before it. Spec: docs/protocol.md §3.3, §3.8.
/// </summary>
internal static class Approve
{
    private static readonly Argument<string> Id = new("DRAFT") { Description = "What waits for a second person: referral-gateway drafts" };
    private static readonly Option<string> As = new("--as") { Description = "Handle of the second person.", Required = true };

    private static readonly Option<string?> By = new("--by") { Description = "Handle of who looks; some drafts are kept from some people." };

    internal sealed record Request(Handle As, byte[] Secret)
    {
        /// <summary>Says nothing of the secret.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>send</c> and <c>legal-hold</c> print when a second person must approve.</summary>
    /// <param name="Draft">What <c>approve</c> takes.</param>
    internal sealed record Drafted(Guid Draft) : Output
    {
        public override int ExitCode() => Exit.Advice;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"draft: {WireId.Text(Draft)}");
            to.WriteLine($"Nothing was sent: a second person must approve it: referral-gateway approve {WireId.Text(Draft)} --as HANDLE");
        }
    }

    /// <summary>What <c>approve</c> prints.</summary>
    /// <param name="Kind">What was approved.</param>
    /// <param name="Referral">The referral.</param>
    /// <param name="Statement">Id of the statement that was approved.</param>
    /// <param name="Approval">Id of the approval.</param>
    /// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
    internal sealed record Approved(DraftKind Kind, Guid Referral, Digest Statement, Digest Approval, Fate Fate) : Output
    {
        public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"referral: {WireId.Text(Referral)}");
            to.WriteLine(Fate == Fate.Waiting ? "approved; the hub cannot be reached, and it goes out by itself"
                : $"approved: the hub has committed it{(Kind is DraftKind.Referral ? ", and a coordinator reviews what the law asks for" : "")}");
        }
    }

    /// <summary>One thing that waits.</summary>
    /// <param name="Draft">What <c>approve</c> takes.</param>
    /// <param name="Kind">What it is.</param>
    /// <param name="Referral">The referral.</param>
    /// <param name="By">Who wrote it.</param>
    /// <param name="At">When.</param>
    internal sealed record Listed(Guid Draft, DraftKind Kind, Guid Referral, Handle By, DateTimeOffset At);

    /// <summary>What <c>drafts</c> prints.</summary>
    /// <param name="Drafts">Oldest first.</param>
    internal sealed record All(IReadOnlyList<Listed> Drafts) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var one in Drafts) to.WriteLine($"{WireId.Text(one.Draft)}  {Code.Text(one.Kind)} of {WireId.Text(one.Referral)} by {one.By}, {WireTime.Text(one.At)}");
            if (Drafts.Count == 0) to.WriteLine("nothing waits for a second person");
        }
    }

    /// <summary>What a draft says, for whoever is to approve it.</summary>
    /// <param name="Draft">The draft.</param>
    /// <param name="Facts">What the hub will learn; of a hold that is all there is.</param>
    /// <param name="Summary">The summary.</param>
    /// <param name="Reason">Why it goes without consent.</param>
    /// <param name="Form">The form, by data category.</param>
    internal sealed record Shown(Guid Draft, JsonElement Facts, Summary? Summary, BasisDetail? Reason, IReadOnlyDictionary<string, JsonElement>? Form) : Output
    {
        public override void Print(TextWriter to)
        {
            Printing.Lines(to, Facts);
            if (Summary is not null) Printing.Lines(to, Summary);
            if (Reason is not null) Printing.Lines(to, Reason);
            if (Form is not null) Printing.Lines(to, Form);
        }

        /// <summary>Names the draft only.</summary>
        public override string ToString() => WireId.Text(Draft);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/drafts", (string? by, GatewayDb db, Exclusions exclusions, CancellationToken ct) => ListAsync(Cli.OptionalName<Handle>("--by", by), db, exclusions, ct));
        app.MapPost("/drafts/{id:guid}/show", ShowAsync);
        app.MapPost("/drafts/{id:guid}/approve", Handle);
    }

    public static IEnumerable<Command> Commands()
    {
        var drafts = Cli.Local("drafts", "Show what waits for a second person.", [By], async (parsed, local, ct) =>
            await local.GetAsync<All>($"drafts{Local.Query("by", parsed.GetValue(By))}", ct));
        drafts.Add(Cli.Local("show", "Read what waits, as the second person.", [Id, As, Passphrase.SecretOption], (parsed, local, ct) => PostAsync<Shown>(parsed, local, "show", ct)));
        return [drafts, Cli.Local("approve", "Approve, as the second person.", [Id, As, Passphrase.SecretOption], (parsed, local, ct) => PostAsync<Approved>(parsed, local, "approve", ct))];
    }

    /// <summary>Stands for whoever will approve, where the check is asked before anybody has.</summary>
    public static Approval Anybody(Referral referral) => new()
    {
        Issuer = referral.Issuer,
        IssuedAt = referral.IssuedAt,
        Directory = referral.Directory,
        AuditLog = referral.AuditLog,
        Approves = default,
        To = referral.To,
        By = Protocol.Wire.Handle.Parse(referral.By + "0"),
    };

    internal static async Task<All> ListAsync(Handle? by, GatewayDb db, Exclusions exclusions, CancellationToken ct)
    {
        var listed = new List<Listed>();
        foreach (var draft in await db.Drafts.AsNoTracking().OrderBy(d => d.At).ToListAsync(ct))
        {
            if (!await exclusions.IsHiddenAsync(db, draft, by, ct)) listed.Add(new(draft.Id, draft.Kind, draft.Referral, draft.By, draft.At));
        }

        return new(listed);
    }

    internal static async Task<Shown> ShowAsync(Guid id, Request request, GatewayDb db, SignIn signIn, Exclusions exclusions, Copies copies, CancellationToken ct)
    {
        var draft = await FindAsync(id, request, db, signIn, exclusions, ct);
        // Whether a hold is placed or released nobody approves unseen.
        if (draft.Kind is not DraftKind.Referral) return new(id, JsonDocument.Parse(draft.Facts).RootElement, null, null, null);
        var facts = ReadFacts<Referral>(draft);
        var kept = await CopiesOfAsync(db, draft, ct);
        var (summaryFile, summary) = copies.OpenDraft(kept[Part.Summary], facts);
        await using (summaryFile)
        using (summary)
        {
            var (recordFile, record) = copies.OpenDraft(kept[Part.Record], facts);
            await using (recordFile)
            using (record)
            {
                if (!Form.TryRead(record.Read(EnvelopeLayout.FormPath(Part.Record), SealedJson.MaxBytes), out var form))
                    throw new InvalidDataException($"The draft {WireId.Text(id)} was verified and does not read.");
                return new(
                    id,
                    JsonDocument.Parse(draft.Facts).RootElement,
                    Envelopes.ReadSummary(summary),
                    Envelopes.ReadBasis(summary) ?? throw new InvalidDataException($"The draft {WireId.Text(id)} gives no reason."),
                    form.Categories.ToDictionary(c => Code.Text(c), c => form[c]!.Value));
            }
        }
    }

    internal static async Task<Approved> Handle(
        Guid id,
        Request request,
        GatewayDb db,
        OwnAgency own,
        SignIn signIn,
        Exclusions exclusions,
        Outbox outbox,
        Dispatch dispatch,
        FollowDirectory directory,
        Copies copies,
        CustodyOf custody,
        TimeProvider clock,
        CancellationToken ct)
    {
        var draft = await FindAsync(id, request, db, signIn, exclusions, ct);
        var (statement, approval) = draft.Kind is DraftKind.Referral
            ? await SendAsync(draft, request.As, db, own, outbox, directory, copies, clock, ct)
            : await HoldAsync(draft, request.As, db, outbox, custody, clock, ct);
        return new(draft.Kind, draft.Referral, statement, approval, await Fates.SettleAsync(db, dispatch, statement, stream: draft.Referral, ct));
    }

    private static async Task<(Digest Statement, Digest Approval)> SendAsync(
        KeptDraft draft, Handle second, GatewayDb db, OwnAgency own, Outbox outbox, FollowDirectory directory, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        // Days may have passed: agreement, policy and keys count as they are now.
        await directory.RequireFreshAsync(db, ct);
        var facts = ReadFacts<Referral>(draft);
        var recipient = directory.EncryptionKeyOf(facts.To);
        var decision = await Agreements.DecideAsync(db, directory.Current, facts, id: null, clock.GetUtcNow(), ct, Anybody(facts) with { By = second });
        if (!decision.Permit) throw RefusedException.ByCheck(decision);

        var kept = await CopiesOfAsync(db, draft, ct);
        var consent = await db.Consents.AsNoTracking().SingleOrDefaultAsync(c => c.Id == facts.Consent, ct);
        var categories = CategoriesOf(copies, kept[Part.Record], facts);
        var parts = new List<SealedPart>();
        foreach (var part in new[] { Part.Summary, Part.Record })
        {
            var envelope = new EnvelopeFacts
            {
                Sender = own.Id,
                Recipient = facts.To,
                Referral = facts.ReferralId,
                Part = part,
                Categories = part is Part.Summary ? [Category.Summary] : categories,
                SealedAt = facts.IssuedAt,
            };
            parts.Add(await copies.SealAnewAsync(kept[part], recipient, envelope, ct));
        }

        return await db.Write(
            async () =>
            {
                var preamble = await outbox.PreambleAsync(db, ct);
                var statement = facts with { IssuedAt = preamble.IssuedAt, Directory = preamble.Directory, AuditLog = preamble.AuditLog, Parts = parts };
                var said = await SayAsync(draft, statement, second, db, outbox, preamble, facts.To, ct, consent?.Statement);
                SendReferral.Keep(
                    db, said.Statement, statement, SelfSealed.Seal(own.Keys, JsonSerializer.SerializeToUtf8Bytes(categories, LocalJson.Options)),
                    draft.SealedExclusions, clock.GetUtcNow());
                return said;
            },
            ct);
    }

    private static Task<(Digest Statement, Digest Approval)> HoldAsync(
        KeptDraft draft, Handle second, GatewayDb db, Outbox outbox, CustodyOf custody, TimeProvider clock, CancellationToken ct) => db.Write(
        async () =>
        {
            var referral = await Acts.FindAsync(db, draft.Referral, ct);
            var preamble = await outbox.PreambleAsync(db, ct);
            var statement = ReadFacts<LegalHold>(draft) with
            {
                IssuedAt = preamble.IssuedAt,
                Directory = preamble.Directory,
                AuditLog = preamble.AuditLog,
                After = referral.Seen,
            };
            if (!await custody.TakeAsync(db, statement, approved: true, clock.GetUtcNow(), ct))
                throw new RefusedException(Refusal.CustodyForbids, $"{WireId.Text(referral.Id)}: the hold is already as it should be.");
            return await SayAsync(draft, statement, second, db, outbox, preamble, referral.Other, ct);
        },
        ct);

    // The approval goes first: the hub takes the statement only with it.
    private static async Task<(Digest Statement, Digest Approval)> SayAsync(
        KeptDraft draft, Statement statement, Handle second, GatewayDb db, Outbox outbox, Preamble preamble, AgencyId to, CancellationToken ct, Digest? needs = null)
    {
        var approval = outbox.Add(
            db,
            new Approval
            {
                Issuer = preamble.Issuer,
                IssuedAt = preamble.IssuedAt,
                Directory = preamble.Directory,
                AuditLog = preamble.AuditLog,
                Approves = outbox.IdOf(statement),
                To = to,
                By = second,
            },
            stream: draft.Referral);
        await db.SaveChangesAsync(ct);
        var signed = outbox.Add(db, statement, stream: draft.Referral, needs);
        db.Drafts.Remove(await db.Drafts.SingleAsync(d => d.Id == draft.Id, ct));
        return (signed.Id, approval.Id);
    }

    private static async Task<KeptDraft> FindAsync(Guid id, Request request, GatewayDb db, SignIn signIn, Exclusions exclusions, CancellationToken ct)
    {
        await signIn.RequireAsync(db, request.As, request.Secret, ct);
        var draft = await db.Drafts.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        if (draft is not null && await exclusions.IsHiddenAsync(db, draft, request.As, ct))
        {
            await exclusions.RefuseAsync(db, draft, request.As, ct);
            draft = null;
        }

        if (draft is null) throw new RefusedException(Refusal.NotFound, $"{WireId.Text(id)}: nothing waits under that id.");
        return draft.By == request.As ? throw new RefusedException(Refusal.NotForYou, $"{request.As} wrote it: another person approves.") : draft;
    }

    private static T ReadFacts<T>(KeptDraft draft)
        where T : Statement =>
        StrictJson.TryRead<T>(Encoding.ASCII.GetBytes(draft.Facts), out var facts) ? facts : throw new InvalidDataException($"The database holds a broken draft {WireId.Text(draft.Id)}.");

    private static async Task<Dictionary<Part, SealedPart>> CopiesOfAsync(GatewayDb db, KeptDraft draft, CancellationToken ct) =>
        await db.Copies.AsNoTracking().Where(c => c.Referral == draft.Referral).ToDictionaryAsync(c => c.Part, c => new SealedPart(c.Part, c.Sha256, c.Size), ct);

    private static IReadOnlyList<Category> CategoriesOf(Copies copies, SealedPart record, Referral facts)
    {
        var (file, opened) = copies.OpenDraft(record, facts);
        using (file)
        using (opened) return opened.Statement.Categories;
    }

    private static async Task<Output> PostAsync<T>(ParseResult parsed, Local local, string what, CancellationToken ct)
        where T : Output
    {
        using var secret = Passphrase.ReadSecret(parsed);
        var request = new Request(Cli.Name<Handle>("--as", parsed.GetRequiredValue(As)), secret.Utf8.ToArray());
        return await local.PostAsync<T>($"drafts/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/{what}", request, ct);
    }
}
