using System.CommandLine;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>exclusions add|list|reviewed --subject S</c>: agencies that must not be addressed about a subject. They stay here, sealed;
/// neither the hub nor the excluded ever learns of them. Where an official is involved, somebody must have looked at them
/// before anything is sent. Spec: docs/protocol.md §2.8.
/// </summary>
internal static class AgencyExclusions
{
    private const string OfficialInvolved = "official-involved";

    private static readonly Option<string> Subject = new("--subject") { Description = "Whom it is about, as the consent names the subject; - reads it from standard input.", Required = true };
    private static readonly Option<string> Agency = new("--agency") { Description = "The agency that must not be addressed.", Required = true };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who says so.", Required = true };

    internal sealed record Request(string Subject, Handle By, AgencyId? Agency = null)
    {
        /// <summary>Says nothing of the subject.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What the three commands print.</summary>
    /// <param name="Excluded">The agencies that are not addressed about this subject.</param>
    /// <param name="Reviewed">When somebody last looked at them; null when nobody has since one was added.</param>
    internal sealed record Shown(IReadOnlyList<AgencyId> Excluded, DateTimeOffset? Reviewed) : Output
    {
        public override void Print(TextWriter to)
        {
            foreach (var agency in Excluded) to.WriteLine(agency);
            if (Excluded.Count == 0) to.WriteLine("no agency is excluded");
            to.WriteLine(Reviewed is { } at ? $"reviewed {WireTime.Text(at)}" : "not reviewed");
        }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/exclusions", Handle);
        app.MapPost("/exclusions/list", (Request request, GatewayDb db, OwnAgency own, CancellationToken ct) => ShowAsync(request, db, own, ct));
        app.MapPost("/exclusions/reviewed", ReviewAsync);
    }

    public static Command Command() => Cli.Group(
        "exclusions",
        "Agencies that must not be addressed about somebody.",
        Cli.Local("add", "Exclude an agency.", [Subject, Agency, By], async (parsed, local, ct) =>
            await local.PostAsync<Shown>("exclusions", await RequestAsync(parsed, ct) with { Agency = Cli.Name<AgencyId>("--agency", parsed.GetRequiredValue(Agency)) }, ct)),
        Cli.Local("list", "Show which are.", [Subject, By], async (parsed, local, ct) => await local.PostAsync<Shown>("exclusions/list", await RequestAsync(parsed, ct), ct)),
        Cli.Local("reviewed", "Say that you have looked at them for this subject.", [Subject, By], async (parsed, local, ct) =>
            await local.PostAsync<Shown>("exclusions/reviewed", await RequestAsync(parsed, ct), ct)));

    internal static async Task<Shown> Handle(Request request, GatewayDb db, OwnAgency own, FollowDirectory directory, TimeProvider clock, CancellationToken ct)
    {
        if (request.Agency is not { } agency || directory.Current.Find(agency) is null)
            throw new RefusedException(Refusal.UnknownAgency, $"--agency {request.Agency}: no such agency in the directory.");
        await AddAsync(request, agency, db, own, clock, ct);
        return await ShowAsync(request, db, own, ct);
    }

    internal static async Task<Shown> ReviewAsync(Request request, GatewayDb db, OwnAgency own, TimeProvider clock, CancellationToken ct)
    {
        await AddAsync(request, agency: null, db, own, clock, ct);
        return await ShowAsync(request, db, own, ct);
    }

    /// <summary>Throws when the agency is excluded, or when an official is involved and nobody has looked at the exclusions.</summary>
    /// <param name="db">For reading.</param>
    /// <param name="own">Opens what is sealed.</param>
    /// <param name="subject">Whom it is about.</param>
    /// <param name="to">Who is to be addressed.</param>
    /// <param name="concern">The form's concern, sent or not; null when there is none yet.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task RequireAddressableAsync(GatewayDb db, OwnAgency own, string subject, AgencyId to, JsonElement? concern, CancellationToken ct)
    {
        var (excluded, reviewed) = await ReadAsync(db, own, subject, ct);
        if (excluded.Contains(to)) throw new RefusedException(Refusal.AgencyExcluded, $"{to} must not be addressed about this subject.");
        if (concern is { } said && Says(said, OfficialInvolved) && reviewed is null)
        {
            throw new RefusedException(
                Refusal.ExclusionsUnreviewed,
                "An official is involved: look at the exclusions of agencies and people first, then say so: referral-gateway exclusions reviewed --subject - --by HANDLE");
        }
    }

    /// <summary>The agencies that must not be addressed about a subject.</summary>
    public static async Task<IReadOnlyList<AgencyId>> ExcludedAsync(GatewayDb db, OwnAgency own, string subject, CancellationToken ct) =>
        (await ReadAsync(db, own, subject, ct)).Excluded;

    private static async Task AddAsync(Request request, AgencyId? agency, GatewayDb db, OwnAgency own, TimeProvider clock, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        if (string.IsNullOrWhiteSpace(request.Subject)) throw new RefusedException(Refusal.Malformed, "--subject is empty.");
        await db.Write(
            () =>
            {
                db.ExcludedAgencies.Add(new ExcludedAgency
                {
                    SealedSubject = Seal(own, request.Subject),
                    SealedAgency = agency is null ? null : Seal(own, agency.ToString()),
                    By = request.By,
                    At = clock.GetUtcNow(),
                });
                return Task.CompletedTask;
            },
            ct);
    }

    private static async Task<Shown> ShowAsync(Request request, GatewayDb db, OwnAgency own, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        return await ReadAsync(db, own, request.Subject, ct);
    }

    private static async Task<Shown> ReadAsync(GatewayDb db, OwnAgency own, string subject, CancellationToken ct)
    {
        var rows = (await db.ExcludedAgencies.AsNoTracking().OrderBy(e => e.Id).ToListAsync(ct)).FindAll(e => SelfSealed.OpenText(own.Keys, e.SealedSubject) == subject);
        return new(
            [.. rows.Where(e => e.SealedAgency is not null).Select(e => AgencyId.Parse(SelfSealed.OpenText(own.Keys, e.SealedAgency!))).Distinct()],
            rows.Count > 0 && rows[^1].SealedAgency is null ? rows[^1].At : null);
    }

    private static byte[] Seal(OwnAgency own, string text) => SelfSealed.Seal(own.Keys, Encoding.UTF8.GetBytes(text));

    // Wherever the form has its codes.
    private static bool Says(JsonElement value, string code) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => Says(member.Value, code)),
        JsonValueKind.Array => value.EnumerateArray().Any(item => Says(item, code)),
        JsonValueKind.String => value.GetString() == code,
        _ => false,
    };

    private static async Task<Request> RequestAsync(ParseResult parsed, CancellationToken ct) =>
        new(await Cli.TextAsync(parsed.GetRequiredValue(Subject), ct), Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)));
}
