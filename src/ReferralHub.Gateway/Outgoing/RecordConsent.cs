using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>consent record FILE --to AGENCY --by H</c>: what a grantor agreed to, or refused. The hub learns only what it must
/// check; the detail is sealed to ourselves until it travels in a summary. Spec: docs/protocol.md §3.3.
/// </summary>
internal static class RecordConsent
{
    private static readonly Argument<string> File = new("FILE") { Description = "The consent as JSON." };
    private static readonly Option<string> To = new("--to") { Description = "The only agency that may receive under it.", Required = true };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who records it.", Required = true };

    /// <summary>The file: a consent as it was given.</summary>
    /// <param name="Subject">Whom it is about, in words that find the child in our own files; never leaves this gateway.</param>
    /// <param name="Purposes">For which purposes.</param>
    /// <param name="Services">For which service families.</param>
    /// <param name="ValidUntil">First second in which it no longer counts.</param>
    /// <param name="EraseAt">When the recipient erases what it received.</param>
    /// <param name="Status">What the grantor said.</param>
    /// <param name="Detail">The half that the hub must not see; its categories also decide what the hub is told.</param>
    internal sealed record Given(
        string Subject,
        IReadOnlyList<Purpose> Purposes,
        IReadOnlyList<ServiceFamily> Services,
        DateTimeOffset ValidUntil,
        DateTimeOffset EraseAt,
        ConsentStatus Status,
        ConsentDetail Detail);

    internal sealed record Request(Given Given, AgencyId To, Handle By);

    /// <summary>What <c>consent record</c> prints.</summary>
    /// <param name="Consent">The consent's id.</param>
    /// <param name="Case">The code for this subject towards this agency; the same for its next consent there.</param>
    /// <param name="Statement">Id of our statement.</param>
    /// <param name="Fate"><c>effective</c>, or <c>waiting</c> while the hub cannot be reached.</param>
    internal sealed record Recorded(Guid Consent, CaseCode Case, Digest Statement, Fate Fate) : Output
    {
        public override int ExitCode() => Fate == Fate.Waiting ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"consent: {WireId.Text(Consent)}");
            to.WriteLine($"case: {Case}");
            if (Fate == Fate.Waiting) to.WriteLine("The hub cannot be reached; the consent is kept and goes out by itself.");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/consents", Handle);

    public static Command Command() => Cli.Local("record", "Record what a grantor agreed to.", [File, To, By], async (parsed, local, ct) =>
    {
        var given = await InputFile.ReadAsync<Given>(parsed.GetRequiredValue(File), ct);
        var to = Cli.Name<AgencyId>("--to", parsed.GetRequiredValue(To));
        var by = Cli.Name<Handle>("--by", parsed.GetRequiredValue(By));
        return await local.PostAsync<Recorded>("consents", new Request(given, to, by), ct);
    });

    internal static async Task<Recorded> Handle(
        Request request,
        GatewayDb db,
        OwnAgency own,
        Outbox outbox,
        Dispatch dispatch,
        FollowDirectory directory,
        TimeProvider clock,
        CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        if (directory.Current.Find(request.To) is null) throw new RefusedException(Refusal.UnknownAgency, $"--to {request.To}: no such agency in the directory.");
        if (Check(request.Given) is { } wrong) throw new RefusedException(Refusal.Malformed, wrong);
        await AgencyExclusions.RequireAddressableAsync(db, own, request.Given.Subject, request.To, concern: null, ct);

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var detail = SealedJson.Write(request.Given.Detail);
        var (signed, code) = await db.Write(
            async () =>
            {
                var link = await FindCaseAsync(db, own, request.To, request.Given.Subject, ct);
                if (link is null) db.Cases.Add(link = NewCase(own, request.To, request.Given.Subject));
                var code = link.Code;
                var preamble = await outbox.PreambleAsync(db, ct);
                var signed = outbox.Add(db, Statement(request, id, code, Digest.Of(detail), preamble), stream: id);
                db.Consents.Add(new KeptConsent
                {
                    Id = id,
                    Statement = signed.Id,
                    Issuer = own.Id,
                    To = request.To,
                    Case = code,
                    SealedDetail = SelfSealed.Seal(own.Keys, detail),
                });
                return (signed, code);
            },
            ct);
        CryptographicOperations.ZeroMemory(detail);
        return new(id, code, signed.Id, await Fates.SettleAsync(db, dispatch, signed.Id, stream: id, ct));
    }

    /// <summary>What is wrong with the file, or null.</summary>
    internal static string? Check(Given given)
    {
        if (string.IsNullOrWhiteSpace(given.Subject)) return "subject is empty.";
        if (given.Purposes.Count == 0 || given.Purposes.Distinct().Count() != given.Purposes.Count) return "purposes: at least one, none twice.";
        if (given.Services.Count == 0 || given.Services.Distinct().Count() != given.Services.Count) return "services: at least one, none twice.";
        if (given.Detail.Categories.Distinct().Count() != given.Detail.Categories.Count) return "detail.categories: none twice.";
        return given.ValidUntil > given.EraseAt ? "eraseAt is before validUntil." : null;
    }

    // The same child has the same code towards the same agency, and another towards every other (docs/protocol.md §1.5).
    internal static async Task<CaseLink?> FindCaseAsync(GatewayDb db, OwnAgency own, AgencyId to, string subject, CancellationToken ct)
    {
        var links = await db.Cases.AsNoTracking().Where(c => c.To == to).ToListAsync(ct);
        return links.FirstOrDefault(link => SelfSealed.OpenText(own.Keys, link.SealedSubject) == subject);
    }

    /// <summary>A fresh code for a subject towards an agency; not kept yet.</summary>
    internal static CaseLink NewCase(OwnAgency own, AgencyId to, string subject) =>
        new() { Code = CaseCode.Draw(), To = to, SealedSubject = SelfSealed.Seal(own.Keys, Encoding.UTF8.GetBytes(subject)) };

    private static Consent Statement(Request request, Guid id, CaseCode code, Digest detail, Preamble preamble) => new()
    {
        Issuer = preamble.Issuer,
        IssuedAt = preamble.IssuedAt,
        Directory = preamble.Directory,
        AuditLog = preamble.AuditLog,
        ConsentId = id,
        Case = code,
        To = request.To,
        Purposes = request.Given.Purposes,
        Services = request.Given.Services,
        // Whatever else is agreed to, a recipient must be able to decide: the summary always goes.
        Categories = request.Given.Detail.Categories.Append(Category.Summary).Clear(),
        ValidUntil = request.Given.ValidUntil,
        EraseAt = request.Given.EraseAt,
        Status = request.Given.Status,
        Detail = detail,
        By = request.By,
    };
}
