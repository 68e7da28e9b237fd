using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// <c>resend ID --by H [--to AGENCY] [--consent ID]</c>: seals a referral that came to nothing anew, out of our own copy, as
/// a new referral that replaces it: to the same agency when its key was lost, to another one when it declined. It is checked
/// as if it were sent for the first time. Spec: docs/protocol.md §2.9.
/// </summary>
internal static class Resend
{
    private static readonly Argument<string> Id = new("ID") { Description = "A referral of ours that is over." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who sends it again.", Required = true };
    private static readonly Option<string?> To = new("--to") { Description = "Another recipient; the same one otherwise." };
    private static readonly Option<string?> Consent = new("--consent")
    {
        Description = "The consent it relies on; otherwise the same one, or the newest that names the other recipient and the same subject.",
    };

    private static readonly Option<bool> Preview = new("--preview") { Description = "Only show what the recipient would see." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Send without asking." };

    internal sealed record Request(Handle By, AgencyId? To, Guid? Consent);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/referrals/{id:guid}/resend/preview", Show);
        app.MapPost("/referrals/{id:guid}/resend", Handle);
    }

    public static Command Command() => Cli.Local("resend", "Send a referral again that came to nothing, out of our own copy.", [Id, By, To, Consent, Preview, Yes], async (parsed, local, ct) =>
    {
        var path = $"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/resend";
        var request = new Request(
            Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)),
            Cli.OptionalName<AgencyId>("--to", parsed.GetValue(To)),
            parsed.GetValue(Consent) is { } consent ? Cli.Id(consent) : null);

        var shown = await local.PostAsync<SendReferral.Shown>($"{path}/preview", request, ct);
        if (parsed.GetValue(Preview)) return shown;
        if (!parsed.GetValue(Yes)) shown.Confirm();
        return await local.PostAsync<SendReferral.Sent>(path, request, ct);
    });

    internal static async Task<SendReferral.Shown> Show(
        Guid id, Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, FollowDirectory directory, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        using var source = await OpenAsync(id, request, db, own, exclusions, directory, copies, clock, ct);
        return new(source.Draft.Referral.To, source.Draft.Fields, []);
    }

    internal static async Task<SendReferral.Sent> Handle(
        Guid id, Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, Outbox outbox, Dispatch dispatch, FollowDirectory directory, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        using var source = await OpenAsync(id, request, db, own, exclusions, directory, copies, clock, ct);
        return await SendReferral.HandInAsync(source.Draft, source.Attachments, db, own, exclusions, outbox, dispatch, copies, clock, ct);
    }

    private static async Task<Source> OpenAsync(
        Guid id, Request request, GatewayDb db, OwnAgency own, Exclusions exclusions, FollowDirectory directory, Copies copies, TimeProvider clock, CancellationToken ct)
    {
        var old = await Acts.FindOursAsync(db, id, request.By, exclusions, ct);
        if (!Handoff.IsTerminal(old.State))
            throw new RefusedException(Refusal.StateForbids, $"{WireId.Text(id)} is {Code.Text(old.State)}; only what is over is sent again.", [Code.Text(old.State)]);
        if (old.Basis is not Basis.Consent)
            throw new RefusedException(Refusal.StateForbids, $"{WireId.Text(id)} went without consent: a second person must look again. Send it from its source: referral-gateway send FILE --to AGENCY --by HANDLE --replaces {WireId.Text(id)}");
        if (await FindSuccessorAsync(db, id, ct) is { } successor)
            throw new RefusedException(Refusal.StateForbids, $"{WireId.Text(id)} was sent again already, as {WireId.Text(successor)}.");

        var kept = await db.Copies.AsNoTracking().Where(c => c.Referral == id).ToDictionaryAsync(c => c.Part, ct);
        if (!kept.TryGetValue(Part.Summary, out var keptSummary) || !kept.TryGetValue(Part.Record, out var keptRecord))
            throw new RefusedException(Refusal.NotHeld, $"{WireId.Text(id)}: our copy is erased, as it is once the recipient has accepted or the time has run out. Send it from its source: referral-gateway send FILE --to AGENCY --by HANDLE --replaces {WireId.Text(id)}");

        var summary = await ReadSummaryAsync(copies, db, old, keptSummary, ct);
        var (file, record) = await copies.OpenAsync(db, old, keptRecord, ct);
        var source = new Source(file, record);
        try
        {
            // What was said of the urgency since counts for the new one.
            var wanted = new ReferralFile(
                old.Purpose, new(summary.Service, old.Urgency, summary.Area), Form: new Dictionary<string, System.Text.Json.JsonElement>(), Replaces: id);
            var content = new Content(summary with { Urgency = old.Urgency }, ReadForm(record), Withheld: []);
            var to = request.To ?? old.Recipient;
            var consent = request.Consent ?? (to == old.Recipient ? old.Consent : await FindConsentAsync(db, own, old, to, ct));
            source.Draft = await SendReferral.CheckAsync(new(wanted, to, consent, request.By), content, db, own, exclusions, directory, clock, ct);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    // One that the hub refused took nobody's place.
    private static Task<Guid?> FindSuccessorAsync(GatewayDb db, Guid id, CancellationToken ct) => db.Referrals.Where(r => r.Replaces == id)
        .Join(db.Statements.Where(s => s.Fate != Fate.Refused), r => r.Statement, s => s.Id, (r, _) => (Guid?)r.Id).FirstOrDefaultAsync(ct);

    private static async Task<Summary> ReadSummaryAsync(Copies copies, GatewayDb db, KeptReferral old, KeptCopy kept, CancellationToken ct)
    {
        var (file, opened) = await copies.OpenAsync(db, old, kept, ct);
        await using (file)
        using (opened) return Envelopes.ReadSummary(opened);
    }

    private static Form ReadForm(OpenedEnvelope record) =>
        Form.TryRead(record.Read(EnvelopeLayout.FormPath(Part.Record), SealedJson.MaxBytes), out var form)
            ? form
            : throw new InvalidDataException($"The form of {WireId.Text(record.Statement.Referral)} was verified and does not read.");

    // The subject has another code towards every agency; only here are they one (docs/protocol.md §1.5).
    private static async Task<Guid> FindConsentAsync(GatewayDb db, OwnAgency own, KeptReferral old, AgencyId to, CancellationToken ct)
    {
        var code = (await db.Consents.AsNoTracking().SingleAsync(c => c.Id == old.Consent, ct)).Case;
        var subject = SelfSealed.OpenText(own.Keys, (await db.Cases.AsNoTracking().SingleAsync(c => c.Code == code, ct)).SealedSubject);
        var consents = await db.Consents.AsNoTracking().Where(c => c.To == to && c.Issuer == own.Id)
            .Join(db.Statements, c => c.Statement, s => s.Id, (c, s) => new { c.Id, c.Case, s.Order }).OrderByDescending(c => c.Order)
            .Join(db.Cases, c => c.Case, l => l.Code, (c, l) => new { c.Id, l.SealedSubject }).ToListAsync(ct);
        return consents.FirstOrDefault(c => SelfSealed.OpenText(own.Keys, c.SealedSubject) == subject)?.Id
            ?? throw new RefusedException(Refusal.NotFound, $"--to {to}: no consent names this agency and the subject of {WireId.Text(old.Id)}. Ask for one: referral-gateway consent record FILE --to {to} --by HANDLE");
    }

    /// <summary>The open copy of the record, and what comes of it.</summary>
    private sealed class Source(FileStream file, OpenedEnvelope record) : IDisposable
    {
        public SendReferral.Draft Draft { get; set; } = null!;

        public IReadOnlyList<EnvelopeMember> Attachments =>
        [
            .. record.Members.Where(m => m.Path != EnvelopeLayout.FormPath(Part.Record)).Select(m => new EnvelopeMember(m.Path, m.Size, () => record.Open(m.Path))),
        ];

        public void Dispose()
        {
            record.Dispose();
            file.Dispose();
        }
    }
}
