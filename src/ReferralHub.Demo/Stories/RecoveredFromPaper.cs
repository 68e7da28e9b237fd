using System.Globalization;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>An agency that has lost everything but its paper comes back, and what was sealed to the lost key is sealed anew.</summary>
internal static class RecoveredFromPaper
{
    private const string Note = "SYNTHETIC safe place found";

    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (police, shelter) = (cast.Police, cast.Shelter);
        await shelter.Sync(ct);
        var known = await Known(shelter, ct);
        await shelter.Kill();
        var lost = new Handoff(police, cast, narrator) { WithFiles = false };
        await lost.RecordConsent(ct);
        await lost.Send(ct);
        shelter.LoseEverything();
        narrator.Say($"{shelter.Id}: the disk is gone, keys and all, while a referral is on its way");

        await shelter.Recover(cast.Hub, ct);
        narrator.Say($"{shelter.Id}: back by the recovery key on paper, with new keys; the registrars had nothing to do");
        await shelter.SyncAlarmed("envelope-refused", ct);
        var again = await Known(shelter, ct);
        if (known.Except(again).ToList() is { Count: > 0 } forgotten) throw new ProcessFailedException("the shelter does not know again what it knew", forgotten);
        narrator.Say($"{shelter.Id}: knows again how all {known.Count} of its handoffs stand, each statement checked as if it were new");

        await police.Sync(ct);
        var state = (await police.Ask(ct, "show", lost.Referral)).GetProperty("state").GetString();
        if (state != "undeliverable") throw new ProcessFailedException($"what was sealed to the lost key is {state}", []);
        narrator.Say($"{shelter.Id}: what was sealed to the lost key does not open, and says so");

        var resent = await police.Resend(lost.Referral, ct);
        narrator.Say($"{police.Id}: seals it anew out of its own copy, as {resent}");
        await shelter.Sync(ct);
        await shelter.ReadSummary(resent, ct);
        await shelter.Acknowledge(resent, ct);
        await shelter.Accept(resent, TimeProvider.System.GetUtcNow().AddHours(2).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ct);
        await shelter.Open(resent, ct);
        narrator.Say($"{shelter.Id}: accepts and opens the record with its new key");
        await shelter.Complete(resent, Note, ct);
        await police.Sync(ct);
        await police.Close(resent, ct);
        return [new(lost.Referral, police, "undeliverable"), new(resent, police, "loop-closed")];
    }

    private static async Task<IReadOnlyList<string>> Known(AgencyNode agency, CancellationToken ct)
    {
        var inbox = await agency.Ask(ct, "inbox", "--by", agency.Lead);
        var sent = await agency.Ask(ct, "sent", "--by", agency.Lead);
        return
        [
            .. new[] { inbox, sent }.SelectMany(list => list.GetProperty("referrals").EnumerateArray())
                .Select(one => $"{one.GetProperty("referral").GetString()} {one.GetProperty("state").GetString()} {one.GetProperty("responsible")}").Order(StringComparer.Ordinal),
        ];
    }
}
