namespace ReferralHub.Demo.Stories;

/// <summary>Once a recipient has taken a child on, the sender can only ask for it back.</summary>
internal static class WithdrawalConfirmed
{
    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (police, shelter) = (cast.Police, cast.Shelter);
        var handoff = new Handoff(police, cast, narrator) { WithFiles = false };
        await handoff.RecordConsent(ct);
        await handoff.Send(ct);
        await handoff.Arrive(ct);
        await handoff.Accept(ct);

        await police.Sync(ct);
        await police.Withdraw(handoff.Referral, "placed-elsewhere", ct);
        narrator.Say($"{police.Id}: takes the referral back; {shelter.Id} is still responsible");
        await shelter.Sync(ct);
        await shelter.ConfirmWithdrawal(handoff.Referral, ct);
        narrator.Say($"{shelter.Id}: confirms; {police.Id} is responsible again");
        await police.Sync(ct);
        return [new(handoff.Referral, police, "withdrawn")];
    }
}
