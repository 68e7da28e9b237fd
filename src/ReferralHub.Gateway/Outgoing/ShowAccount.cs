using System.CommandLine;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>account --subject S --by H [--html FILE]</c>: "who knows what about me", for the child: every agency that we told, what
/// kinds of things, when, on what ground, whether it was opened, whether it was erased. In plain words, and as a page to print.
/// </summary>
internal static class ShowAccount
{
    private const string Plainly = "What somebody has already read cannot be taken back by a computer.";

    private static readonly Option<string> Subject = new("--subject") { Description = "Whom it is for, as the consent names the subject; - reads it from standard input.", Required = true };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who makes it.", Required = true };
    private static readonly Option<string?> Html = new("--html") { Description = "A new file: the same as a page to print." };

    internal sealed record Request(string Subject, Handle By)
    {
        /// <summary>Says nothing of the subject.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>One agency that was told.</summary>
    /// <param name="Referral">The referral.</param>
    /// <param name="Recipient">The agency's public name.</param>
    /// <param name="Sent">When.</param>
    /// <param name="Basis">On what ground.</param>
    /// <param name="Categories">What kinds of things.</param>
    /// <param name="FirstOpened">When somebody there first opened it; null when nobody has.</param>
    /// <param name="Revoked">Whether the consent was taken back.</param>
    /// <param name="Erased">When it said that all is erased; null when it has not.</param>
    /// <param name="Kept">On what ground it keeps what was taken back; null when it does not say so.</param>
    internal sealed record Told(
        Guid Referral,
        string Recipient,
        DateTimeOffset Sent,
        Basis Basis,
        IReadOnlyList<Category> Categories,
        DateTimeOffset? FirstOpened,
        bool Revoked,
        DateTimeOffset? Erased,
        KeepGround? Kept);

    /// <summary>What <c>account</c> prints.</summary>
    /// <param name="Made">When.</param>
    /// <param name="Sender">Our public name.</param>
    /// <param name="Disclosures">Oldest first.</param>
    internal sealed record Account(DateTimeOffset Made, string Sender, IReadOnlyList<Told> Disclosures) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var line in Lines()) to.WriteLine(line);
        }

        /// <summary>The same in plain words, one line each; what begins with two spaces belongs to the agency above.</summary>
        public IEnumerable<string> Lines()
        {
            yield return $"Who knows what about you. Made on {Day(Made)} by {Sender}.";
            if (Disclosures.Count == 0) yield return "We have told nobody anything about you.";
            foreach (var told in Disclosures)
            {
                yield return told.Recipient;
                yield return $"  We told them on {Day(told.Sent)}.";
                yield return $"  Why we were allowed to: {Words(told.Basis)}.";
                yield return $"  What we told them: {string.Join(", ", told.Categories.Select(Words))}.";
                yield return told.FirstOpened is { } opened ? $"  Somebody there first opened it on {Day(opened)}." : "  Nobody there has opened it, as far as they have told us.";
                if (told.Revoked) yield return "  You took your yes back. They may not open it any more.";
                if (told.Erased is { } erased) yield return $"  They say that they erased everything on {Day(erased)}.";
                else if (told.Kept is { } kept) yield return $"  They must keep it: {Words(kept)}.";
                else if (told.Revoked) yield return "  They have not yet told us what they did with it.";
                else yield return "  They still have it.";
            }

            yield return Plainly;
        }

        /// <summary>The same as a page to print: no script, nothing from elsewhere.</summary>
        public string ToHtml()
        {
            var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Account</title>\n")
                .Append("<style>body{font:14pt/1.5 sans-serif;margin:2cm}h2{margin:1em 0 0}p{margin:.2em 0}</style>\n</head>\n<body>\n");
            foreach (var line in Lines())
            {
                var heading = !line.StartsWith(' ') && Disclosures.Any(told => told.Recipient == line);
                page.Append(heading ? "<h2>" : "<p>").Append(WebUtility.HtmlEncode(line.Trim())).Append(heading ? "</h2>\n" : "</p>\n");
            }

            return page.Append("</body>\n</html>\n").ToString();
        }

        private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMMM yyyy, HH:mm", System.Globalization.CultureInfo.InvariantCulture) + " UTC";

        private static string Words(Basis basis) => basis switch
        {
            Basis.Consent => "you, or those who decide for you, said yes",
            Basis.MandatoryReport => "the law says that we must report it",
            Basis.RiskOfSignificantHarm => "you might have come to serious harm",
            Basis.CourtOrder => "a court ordered it",
            Basis.VitalInterests => "it was about life or health",
        };

        private static string Words(Category category) => category switch
        {
            Category.Summary => "a short summary without your name",
            Category.Identity => "who you are",
            Category.Contact => "how to reach you",
            Category.SafeContact => "how to reach you safely",
            Category.Caregivers => "who looks after you",
            Category.Concern => "what we worry about",
            Category.Health => "your health",
            Category.Legal => "what courts or lawyers have to do with it",
            Category.ImmigrationStatus => "your papers and right to stay",
            Category.Photos => "photos",
            Category.Documents => "documents",
        };

        private static string Words(KeepGround ground) => ground switch
        {
            KeepGround.LegalHold => "there is a case, and nothing of it may be destroyed",
            KeepGround.CourtRuling => "a court says so",
            KeepGround.RecordsDuty => "the law says how long such records are kept",
            KeepGround.LegalClaims => "somebody needs it to defend a right",
        };
    }

    /// <summary>What <c>account --html</c> prints.</summary>
    /// <param name="File">Where the page is.</param>
    internal sealed record Saved(string File) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"saved {File}: print it, give it to the child, and delete the file");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/account", Handle);

    public static Command Command() => Cli.Local("account", "Show a child who knows what about them.", [Subject, By, Html], async (parsed, local, ct) =>
    {
        var request = new Request(await Cli.TextAsync(parsed.GetRequiredValue(Subject), ct), Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
        var account = await local.PostAsync<Account>("account", request, ct);
        if (parsed.GetValue(Html) is not { } file) return account;
        await using var page = new FileStream(file, Private.NewFile());
        await page.WriteAsync(Encoding.UTF8.GetBytes(account.ToHtml()), ct);
        return new Saved(file);
    });

    internal static async Task<Account> Handle(
        Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        var hidden = await exclusions.HiddenFromAsync(db, request.By, ct);
        var codes = await CaseLink.CodesOfAsync(db, own, request.Subject, ct);
        var sent = await db.Referrals.AsNoTracking().Where(r => r.Role == Party.Sender).OrderBy(r => r.Kept)
            .Join(db.Statements.Where(s => s.Fate != Fate.Refused), r => r.Statement, s => s.Id, (r, s) => new { Referral = r, Statement = s }).ToListAsync(ct);
        var told = new List<Told>();
        foreach (var one in sent.Where(one => !hidden.Contains(one.Referral.Id) && codes.Contains(((Referral)one.Statement.Read().Statement).Case)))
            told.Add(await TellAsync(db, own, directory, one.Referral, one.Statement, ct));
        return new(clock.GetUtcNow(), own.Event.Name, told);
    }

    private static async Task<Told> TellAsync(GatewayDb db, OwnAgency own, FollowDirectory directory, KeptReferral referral, KeptStatement statement, CancellationToken ct)
    {
        var theirs = (await db.Statements.AsNoTracking()
            .Where(s => s.Referral == referral.Id && !s.IsOurs && (s.Kind == StatementKind.Access || s.Kind == StatementKind.ErasureReceipt)).OrderBy(s => s.Order).ToListAsync(ct))
            .ConvertAll(s => (s.HubTime, s.Read().Statement));
        var answer = theirs.LastOrDefault(s => s.Statement is ErasureReceipt);
        var exact = referral.SealedCategories is { } kept
            ? JsonSerializer.Deserialize<Category[]>(SelfSealed.OpenText(own.Keys, kept), LocalJson.Options) ?? []
            : [];
        return new(
            referral.Id,
            directory.Current.Find(referral.Recipient)?.Event.Name ?? referral.Recipient.ToString(),
            statement.HubTime ?? statement.Read().Statement.IssuedAt,
            referral.Basis,
            [Category.Summary, .. exact],
            theirs.Where(s => s.Statement is Protocol.Statements.Access).Select(s => s.HubTime ?? s.Statement.IssuedAt).Cast<DateTimeOffset?>().FirstOrDefault(),
            referral.Revoked,
            answer.Statement is ErasureReceipt { Act: ErasureAct.Erased } ? answer.HubTime ?? answer.Statement.IssuedAt : null,
            (answer.Statement as ErasureReceipt)?.Ground);
    }
}
