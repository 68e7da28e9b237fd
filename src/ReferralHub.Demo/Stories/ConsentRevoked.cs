using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>A consent is taken back: before the record was released, after it was opened, and where the law keeps it.</summary>
internal static class ConsentRevoked
{
    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct) =>
    [
        await BeforeRelease(cast, narrator, ct),
        await AfterOpening(cast, narrator, ct),
        await UnderHold(cast, narrator, ct),
    ];

    private static async Task<Ending> BeforeRelease(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (police, shelter) = (cast.Police, cast.Shelter);
        var handoff = new Handoff(police, cast, narrator) { WithFiles = false };
        await handoff.RecordConsent(ct);
        await handoff.Send(ct);
        await handoff.Arrive(ct);
        await Revoke(police, shelter, handoff, narrator, ct);
        await handoff.Accept(ct);
        await shelter.Sync(ct);
        narrator.Say($"{shelter.Id}: the record is not released any more: {await shelter.OpenInVain(handoff.Referral, ct)}");
        narrator.Say($"{shelter.Id}: the lead erases the summary, {await shelter.Erase(handoff.Referral, ct)} sealed part, and signs for it");
        return await GiveBack(police, shelter, handoff, ct);
    }

    private static async Task<Ending> AfterOpening(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (police, shelter) = (cast.Police, cast.Shelter);
        var handoff = new Handoff(police, cast, narrator) { WithFiles = false };
        await Opened(handoff, ct);
        await Revoke(police, shelter, handoff, narrator, ct);
        narrator.Say($"{shelter.Id}: the record that it has read is locked: {await shelter.OpenInVain(handoff.Referral, ct)}");
        narrator.Say($"{shelter.Id}: the lead erases {await shelter.Erase(handoff.Referral, ct)} sealed parts and signs for it; what was read no computer takes back");
        return await GiveBack(police, shelter, handoff, ct);
    }

    private static async Task<Ending> UnderHold(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (hospital, shelter) = (cast.Hospital, cast.Shelter);
        var handoff = new Handoff(hospital, cast, narrator) { WithFiles = false };
        await Opened(handoff, ct);
        var first = await shelter.HireSigner("SYNTHETIC Worker Ben Example", ct);
        var second = await shelter.HireSigner("SYNTHETIC Worker Eva Example", ct);
        var draft = await shelter.DraftHold(handoff.Referral, first, ct);
        await shelter.Approve(draft, second, ct);
        narrator.Say($"{shelter.Id}: two people sign in and place a legal hold on what came from {hospital.Id}");
        await Revoke(hospital, shelter, handoff, narrator, ct);
        narrator.Say($"{shelter.Id}: may not erase it: {await shelter.AskInVain(ct, "erase", handoff.Referral, "--by", shelter.Lead)}");
        await shelter.Keep(handoff.Referral, "legal-hold", ct);
        await hospital.Sync(ct);
        narrator.Say($"{shelter.Id}: keeps it under the hold, locked, and signs for that");
        return await GiveBack(hospital, shelter, handoff, ct);
    }

    private static async Task Opened(Handoff handoff, CancellationToken ct)
    {
        await handoff.RecordConsent(ct);
        await handoff.Send(ct);
        await handoff.Arrive(ct);
        await handoff.Accept(ct);
        await handoff.OpenRecord(ct);
    }

    private static async Task Revoke(AgencyNode sender, AgencyNode recipient, Handoff handoff, Narrator narrator, CancellationToken ct)
    {
        await sender.RevokeConsent(handoff.Consent, ct);
        narrator.Say($"{sender.Id}: the child takes the consent back; the gateway says so at once");
        await recipient.SyncAlarmed("consent-revoked", ct);
        if ((await recipient.OpenInVain(handoff.Referral, ct)).Error != "locked") throw new ProcessFailedException($"{recipient.Id} has not locked what was revoked", []);
    }

    private static async Task<Ending> GiveBack(AgencyNode sender, AgencyNode recipient, Handoff handoff, CancellationToken ct)
    {
        await sender.Sync(ct);
        await sender.Withdraw(handoff.Referral, "consent-withdrawn", ct);
        await recipient.Sync(ct);
        await recipient.ConfirmWithdrawal(handoff.Referral, ct);
        await sender.Sync(ct);
        return new(handoff.Referral, sender, "withdrawn");
    }
}
