using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>What nobody agreed to is not sent: not a category, not a service.</summary>
internal static class OutsideConsent
{
    public static async Task Tell(Cast cast, string consent, Narrator narrator, CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        await Refused("health data", Papers.ReferralWithHealth(now), "content-outside-consent", "health.needs");
        await Refused("a school", Papers.ReferralToSchool(now), "consent-refused", "service-outside");

        async Task Refused(string what, string referral, string error, string reason)
        {
            var file = Path.Combine(cast.Folder, "outside.json");
            await File.WriteAllTextAsync(file, referral, ct);
            var refused = await cast.Police.SendInVain(file, cast.Shelter, consent, ct);
            if (refused.Error != error || !refused.Reasons.Any(given => given.StartsWith(reason, StringComparison.Ordinal)))
                throw new ProcessFailedException($"refused, but not as {error} because of {reason}", [refused.ToString()]);
            narrator.Say($"{cast.Police.Id}: a referral with {what}, which nobody agreed to, is refused: {refused}");
        }
    }
}
