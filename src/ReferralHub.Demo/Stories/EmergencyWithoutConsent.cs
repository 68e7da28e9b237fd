using System.Globalization;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>Danger tonight, and nobody can be asked: two officers stand behind it, and an examination has a deadline.</summary>
internal static class EmergencyWithoutConsent
{
    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (police, hospital) = (cast.Police, cast.Hospital);
        var first = await police.HireSigner("SYNTHETIC Officer Ida Example", ct);
        var second = await police.HireSigner("SYNTHETIC Officer Kim Example", ct);
        var now = TimeProvider.System.GetUtcNow();
        var file = Path.Combine(cast.Folder, "emergency.json");
        await File.WriteAllTextAsync(file, Papers.Emergency(now), ct);

        var referral = await police.Draft(file, hospital, first, ct);
        narrator.Say($"{police.Id}: {first.Handle} writes an emergency without consent, for risk of significant harm; it waits, sealed to the police alone");
        narrator.Say($"{police.Id}: {first.Handle} cannot approve it: {await police.ApproveInVain(referral, first, ct)}");
        await police.Approve(referral, second, ct);
        narrator.Say($"{police.Id}: {second.Handle} signs in and approves; with that it is sent, and a coordinator has 72 hours to review it");

        await hospital.Sync(ct);
        var summary = await hospital.ReadSummary(referral, ct);
        if (summary.GetProperty("summary").GetProperty("urgency").GetString() != "emergency") throw new ProcessFailedException("the summary is not an emergency's", []);
        narrator.Say($"{hospital.Id}: has the summary; the examination must be before {summary.GetProperty("summary").GetProperty("evidenceWindow").GetString()}");
        await hospital.Sync(ct);
        await hospital.Open(referral, ct);
        narrator.Say($"{hospital.Id}: opens the record on delivery, as the police said and gave a reason for: the evidence window");
        await hospital.Acknowledge(referral, ct);
        await hospital.Accept(referral, now.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ct);
        await hospital.Complete(referral, "SYNTHETIC: examined in time / تم الفحص في الوقت المحدد", ct);
        await police.Sync(ct);
        await police.Close(referral, ct);
        narrator.Say($"{police.Id}: reads the outcome and closes the loop");
        return [new(referral, police, "loop-closed")];
    }
}
