using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Erasing;

/// <summary>How long records are kept, as the registrars have endorsed it. Where no policy says so they stay for ever.</summary>
/// <param name="Policy">The policy, as <c>id@version</c>.</param>
/// <param name="Last">The last event (<see cref="AuditRecord.Id"/>) that has been kept for as long as it says.</param>
internal sealed record KeepingRule(string Policy, long Last)
{
    /// <summary>The rule for what one agency sends another: that of the policy which their agreement names.</summary>
    public static async Task<KeepingRule?> Between(HubDb db, DirectoryNow directory, AgencyId sender, AgencyId recipient, CancellationToken ct) =>
        await Of(db, await ConsentLedger.FindPolicy(db, sender, recipient, directory, ct), ct);

    /// <summary>The rule for what belongs to no two agencies: of all policies the longest, and none while one of them keeps for ever.</summary>
    public static async Task<KeepingRule?> OfAll(HubDb db, DirectoryNow directory, CancellationToken ct)
    {
        var policies = directory.Entries.PoliciesAt(directory.Head.Size).ToList();
        return policies.Exists(policy => policy.KeepRecordsDays is null) ? null : await Of(db, policies.MaxBy(policy => policy.KeepRecordsDays), ct);
    }

    private static async Task<KeepingRule?> Of(HubDb db, JurisdictionPolicy? policy, CancellationToken ct) =>
        policy?.KeepRecordsDays is { } days ? new(policy.Reference, await db.LastBy(db.Clock.GetUtcNow().AddDays(-days), ct)) : null;
}
