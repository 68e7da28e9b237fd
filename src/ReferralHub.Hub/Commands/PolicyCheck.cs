using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub policy check FILE [--dry-run]</c>: whether a policy is well-formed and next, what it changes, and with
/// <c>--dry-run</c> which of the hub's past decisions would come out otherwise under it. Changes nothing. Spec: docs/protocol.md §3.5, §4.2.
/// </summary>
internal static class PolicyCheck
{
    private const int Page = 256;

    private static readonly Argument<string> FileName = new("FILE") { Description = "The policy, signed or not yet" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Decide again what was decided under the version in force" };

    /// <summary>A decision that would come out otherwise.</summary>
    internal sealed record Changed(long Event, Guid Referral, ConsentDecision Was, ConsentDecision Would);

    public static Command Make() => new Command("check", "Check a policy before the registrars sign it") { FileName, DryRun }.Does((parse, ct) => Shell.Open(parse, async (services, db) =>
    {
        var policy = Read(parse.GetValue(FileName)!);
        var directory = await services.GetRequiredService<Agencies>().Now(db, ct);
        var inForce = directory.Entries.FindPolicy(policy.Id, directory.Head.Size);
        var differences = Differences(inForce, policy);
        var changed = parse.GetValue(DryRun) ? await Redecide(db, directory, policy, ct) : [];
        string[] lines =
        [
            $"{policy.Reference} is well-formed; {(inForce is null ? "there is none in force" : $"in force is {inForce.Reference}")}",
            .. differences,
            .. policy.Version == (inForce?.Version ?? 0) + 1 ? Array.Empty<string>() : [$"it cannot be added: the next version is {(inForce?.Version ?? 0) + 1}"],
            .. changed.Select(one => $"event {one.Event}, referral {one.Referral}: {Spell(one.Was)} would be {Spell(one.Would)}"),
            .. parse.GetValue(DryRun) ? [$"{changed.Count} past decisions would differ"] : Array.Empty<string>(),
        ];
        return new Answer(new { policy = policy.Reference, inForce = inForce?.Reference, differences, changed }, string.Join('\n', lines));
    }));

    /// <summary>Every member that is another, as <c>name: old -> new</c>. Pure.</summary>
    internal static IReadOnlyList<string> Differences(JurisdictionPolicy? before, JurisdictionPolicy after)
    {
        var (old, now) = (before is null ? [] : Members(before), Members(after));
        return
        [
            .. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                .Where(name => name is not ("version" or "iat") && old.GetValueOrDefault(name) != now.GetValueOrDefault(name))
                .Select(name => $"{name}: {old.GetValueOrDefault(name) ?? "absent"} -> {now.GetValueOrDefault(name) ?? "absent"}"),
        ];
    }

    /// <summary>Decides again, at the time and with the directory of then, all that the hub decided about referrals that it took.</summary>
    internal static async Task<IReadOnlyList<Changed>> Redecide(HubDb db, DirectoryNow directory, JurisdictionPolicy policy, CancellationToken ct)
    {
        var changed = new List<Changed>();
        var past = db.Set<AuditRecord>().AsNoTracking().Where(r => r.Referral != null).OrderBy(r => r.Id);
        var last = 0L;
        // By pages, since PostgreSQL answers no second question on a connection that is still answering the first.
        while (await past.Where(r => r.Id > last).Take(Page).ToListAsync(ct) is [.., var end] page)
        {
            foreach (var record in page)
            {
                if (await Redecide(db, record, directory, policy, ct) is { } other) changed.Add(other);
            }

            last = end.Id;
        }

        return changed;
    }

    private static async Task<Changed?> Redecide(HubDb db, AuditRecord record, DirectoryNow directory, JurisdictionPolicy policy, CancellationToken ct)
    {
        if (!AuditEvent.TryRead(record.Event, out var happened)) throw new InvalidDataException($"Event {record.Id} cannot be read.");
        // A referral that was refused is not kept, so nobody can ask again.
        if (happened.Decision is not { } was || (happened.Event == AuditEventCode.Refused && happened.Kind == Protocol.Statements.StatementKind.Referral)) return null;
        if (await ConsentLedger.QuestionAt(db, happened, record.Id, directory, ct) is not { } question || question.Policy?.Id != policy.Id) return null;
        var would = ConsentCheck.Decide(question with { Policy = policy });
        return would.Permit == was.Permit && would.Says(was with { Policy = would.Policy }) ? null : new(record.Id, happened.Referral!.Value, was, would);
    }

    private static JurisdictionPolicy Read(string file)
    {
        if (!File.Exists(file)) throw new SettingsException("FILE", file, "There is no such file.");
        var bytes = File.ReadAllBytes(file);
        var payload = CoSigned.TryParse(bytes, out var signed) ? signed.Payload : bytes;
        return StrictJson.TryRead<JurisdictionPolicy>(payload.Span, out var policy) && policy.IsWellFormed
            ? policy
            : throw new SettingsException("FILE", file, "It is no policy in exactly the form of docs/protocol.md §4.2.");
    }

    private static Dictionary<string, string> Members(JurisdictionPolicy policy) =>
        JsonNode.Parse(StrictJson.Write(policy))!.AsObject().ToDictionary(member => member.Key, member => member.Value!.ToJsonString());

    private static string Spell(ConsentDecision decision) =>
        string.Join(' ', new[] { Code.Text(decision.Verdict) }.Concat(decision.Reasons.Select(Code.Text)).Concat((decision.Review ?? []).Select(Code.Text)));
}
