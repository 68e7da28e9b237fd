using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub agency …</c>: inviting agencies, and admitting those that the registrars have signed for.</summary>
internal static class AgencyCommands
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The agency's id: 2 to 40 of a-z 0-9 -" };
    private static readonly Option<string> Kind = new("--kind") { Description = "police, hospital, shelter, ngo, social-services, prosecutor or school", Required = true };
    private static readonly Option<string?> Out = new("--out") { Description = "A folder for the files that registrars sign" };
    private static readonly Argument<string[]> Files = new("FILE") { Description = "What the registrars signed", Arity = ArgumentArity.OneOrMore };

    private static readonly Argument<string> What = new("EVENT") { Description = "suspend, resume, close or change-recovery" };
    private static readonly Option<string?> Recovery = new("--recovery") { Description = "With change-recovery: the new key, 43 characters as the agency's gateway printed it" };
    private static readonly Option<string> DraftOut = new("--out") { Description = "The file that the registrars sign", Required = true };

    public static Command Make() => new("agency", "Agencies")
    {
        new Command("invite", "Let an agency join, once") { Name, Kind }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Invite(services, db, parse.GetValue(Name)!, parse.GetValue(Kind)!, ct))),
        new Command("pending", "Agencies that have joined and wait for the registrars") { Out }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Pending(services, db, parse.GetValue(Out), ct))),
        new Command("admit", "Admit an agency that the registrars have signed for") { Files }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Admit(services, db, parse.GetValue(Files)!, ct))),
        new Command("draft", "Write what registrars sign to suspend, resume or close an agency, or to change its recovery key") { Name, What, Recovery, DraftOut }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Draft(services, db, parse.GetValue(Name)!, parse.GetValue(What)!, parse.GetValue(Recovery), parse.GetValue(DraftOut)!, ct))),
        new Command("change", "Enter an event that registrars or the agency have signed") { Files }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Change(services, db, parse.GetValue(Files)!, ct))),
        new Command("suspend", "Let an agency in no longer, at this hub and at once") { Name }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Suspend(services, db, parse.GetValue(Name)!, suspend: true, ct))),
        new Command("resume", "Let it in again") { Name }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Suspend(services, db, parse.GetValue(Name)!, suspend: false, ct))),
        new Command("list", "Agencies in the directory").Does((parse, ct) => Shell.Open(parse, (services, db) => List(services, db, ct))),
    };

    internal static async Task<Answer> Invite(IServiceProvider services, HubDb db, string name, string kindText, CancellationToken ct)
    {
        if (!AgencyId.TryParse(name, out var agency) || agency == AgencyId.Hub)
            throw new SettingsException("NAME", name, "Give 2 to 40 of a-z 0-9 -, and not 'hub'.");
        if (!Code.TryParse<AgencyKind>(kindText, out var kind))
            throw new SettingsException("--kind", kindText, $"Give one of {string.Join(", ", Enum.GetValues<AgencyKind>().Select(k => Code.Text(k)))}.");

        var agencies = services.GetRequiredService<Agencies>();
        if (await Invitation.Create(db, agencies, agency, kind, ct) is not { } token)
            throw new SettingsException("NAME", name, "The directory has this agency already: names are never used again.");

        var fingerprint = (await agencies.Now(db, ct)).Entries.Fingerprint.ToString();
        var url = services.GetRequiredService<DataFolder>().ReadSettings().Url;
        var join = $"referral-gateway join {url} --fingerprint {fingerprint} --token {token}";
        return new(
            new { agency = name, url, fingerprint, token, join },
            $"{join}\nThe token works once, within {Limits.InvitationHours} hours. Give it to {name} in confidence.");
    }

    internal static async Task<Answer> Pending(IServiceProvider services, HubDb db, string? folder, CancellationToken ct)
    {
        var origin = services.GetRequiredService<DataFolder>().ReadSettings().Origin;
        var waiting = new List<Waiting>();
        foreach (var enrolment in await db.Set<Enrolment>().AsNoTracking().OrderBy(e => e.Joined).ToListAsync(ct))
        {
            if (!CoSigned.TryParse(enrolment.Entry, out var signed) || !AgencyEvent.TryReadEnrolment(signed, out var read))
                throw new InvalidOperationException($"The stored enrolment of {enrolment.Agency} is broken.");
            string? file = null;
            if (folder is not null)
            {
                System.IO.Directory.CreateDirectory(folder);
                file = Path.Combine(folder, $"{enrolment.Agency}.jws");
                await File.WriteAllBytesAsync(file, enrolment.Entry, ct);
            }

            var fingerprint = Fingerprint.Of(origin, enrolment.Agency, read.Recovery);
            waiting.Add(new(
                enrolment.Agency.ToString(), Code.Text(read.Kind), read.Name, Fingerprint.Digits(fingerprint), Fingerprint.Words(fingerprint), file));
        }

        return new(
            waiting,
            waiting.Count == 0
                ? "nobody waits"
                : string.Join("\n\n", waiting.Select(w => $"{w.Agency} ({w.Kind}) {w.Name}\n  {w.Digits}\n  {w.Words}{(w.File is null ? "" : $"\n  {w.File}")}")));
    }

    internal static async Task<Answer> Admit(IServiceProvider services, HubDb db, IReadOnlyList<string> files, CancellationToken ct)
    {
        var agencies = services.GetRequiredService<Agencies>();
        await Admission.Admit(db, services.GetRequiredService<HubKeys>(), agencies, Shell.ReadCoSigned(files), ct);
        var size = (await agencies.Now(db, ct)).Head.Size;
        return new(new { directory = size }, $"admitted; the directory has {size} entries");
    }

    internal static async Task<Answer> List(IServiceProvider services, HubDb db, CancellationToken ct)
    {
        var directory = await services.GetRequiredService<Agencies>().Now(db, ct);
        var suspended = await db.Set<Suspension>().AsNoTracking().ToDictionaryAsync(s => s.Agency, s => s.Since, ct);
        var agencies = directory.Entries.Agencies.OrderBy(a => a.Index).Select(a => new
        {
            agency = a.Id.ToString(),
            kind = Code.Text(a.Event.Kind),
            name = a.Event.Name,
            entry = a.Index,
            status = Code.Text(a.Status),
            seq = a.Last.Seq,
            suspendedHereSince = suspended.TryGetValue(a.Id, out var since) ? WireTime.Text(since) : null,
        }).ToList();
        return new(
            agencies,
            agencies.Count == 0
                ? "no agencies"
                : string.Join('\n', agencies.Select(a => $"{a.agency} ({a.kind}) {a.name}: {a.status}{(a.suspendedHereSince is { } time ? $", let in no longer since {time}" : "")}")));
    }

    internal static async Task<Answer> Draft(IServiceProvider services, HubDb db, string name, string what, string? recovery, string file, CancellationToken ct)
    {
        var agency = await Known(services, db, name, ct);
        AgencyChangeCode[] drafted = [AgencyChangeCode.Suspend, AgencyChangeCode.Resume, AgencyChangeCode.Close, AgencyChangeCode.ChangeRecovery];
        if (!Code.TryParse<AgencyChangeCode>(what, out var change) || !drafted.Contains(change))
            throw new SettingsException("EVENT", what, $"Give one of {string.Join(", ", drafted.Select(c => Code.Text(c)))}.");
        VerifyingKey? key = null;
        if (change == AgencyChangeCode.ChangeRecovery
            && (recovery is null || !CanonicalBase64.Url.TryDecode(recovery, out var raw) || !VerifyingKey.TryImport(raw, out key)))
        {
            throw new SettingsException("--recovery", recovery ?? "", "Give the new recovery key's public half, 43 characters.");
        }

        await File.WriteAllBytesAsync(
            file,
            StrictJson.Write(new AgencyChange
            {
                Agency = agency.Id,
                Seq = agency.Last.Seq + 1,
                Prev = agency.Last.PayloadDigest,
                IssuedAt = WireTime.Whole(db.Clock.GetUtcNow()),
                Event = change,
                Recovery = key,
            }),
            ct);
        return new(new { file, seq = agency.Last.Seq + 1 }, $"wrote {file}. Let the registrars sign it: referral-gateway registrar sign {file} --key DIR --out FILE; then 'agency change FILE…'.");
    }

    internal static async Task<Answer> Change(IServiceProvider services, HubDb db, IReadOnlyList<string> files, CancellationToken ct)
    {
        var agencies = services.GetRequiredService<Agencies>();
        await EnterEvent.Run(db, services.GetRequiredService<HubKeys>(), agencies, Shell.ReadCoSigned(files), ct);
        var size = (await agencies.Now(db, ct)).Head.Size;
        return new(new { directory = size }, $"entered; the directory has {size} entries");
    }

    internal static async Task<Answer> Suspend(IServiceProvider services, HubDb db, string name, bool suspend, CancellationToken ct)
    {
        var agency = (await Known(services, db, name, ct)).Id;
        if (!await Suspension.Set(db, services.GetRequiredService<Agencies>(), agency, suspend, ct))
            throw new SettingsException("NAME", name, suspend ? "It is suspended here already." : "It is not suspended here.");
        return new(new { agency = name, suspended = suspend }, suspend ? $"{name} is let in no longer" : $"{name} is let in again");
    }

    private static async Task<Agency> Known(IServiceProvider services, HubDb db, string name, CancellationToken ct)
    {
        var directory = await services.GetRequiredService<Agencies>().Now(db, ct);
        return AgencyId.TryParse(name, out var id) && directory.Entries.Find(id) is { } agency
            ? agency
            : throw new SettingsException("NAME", name, "The directory has no such agency: see 'agency list'.");
    }

    private sealed record Waiting(string Agency, string Kind, string Name, string Digits, string Words, string? File);
}
