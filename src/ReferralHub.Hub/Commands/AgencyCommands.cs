using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
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

    public static Command Make() => new("agency", "Agencies")
    {
        new Command("invite", "Let an agency join, once") { Name, Kind }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Invite(services, db, parse.GetValue(Name)!, parse.GetValue(Kind)!, ct))),
        new Command("pending", "Agencies that have joined and wait for the registrars") { Out }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Pending(services, db, parse.GetValue(Out), ct))),
        new Command("admit", "Admit an agency that the registrars have signed for") { Files }.Does((parse, ct) =>
            Shell.Open(parse, (services, db) => Admit(services, db, parse.GetValue(Files)!, ct))),
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
        var agencies = directory.Entries.Agencies.OrderBy(a => a.Index)
            .Select(a => new { agency = a.Id.ToString(), kind = Code.Text(a.Event.Kind), name = a.Event.Name, entry = a.Index }).ToList();
        return new(agencies, agencies.Count == 0 ? "no agencies" : string.Join('\n', agencies.Select(a => $"{a.agency} ({a.kind}) {a.name}")));
    }

    private sealed record Waiting(string Agency, string Kind, string Name, string Digits, string Words, string? File);
}
