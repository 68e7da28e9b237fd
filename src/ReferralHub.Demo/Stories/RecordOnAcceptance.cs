namespace ReferralHub.Demo.Stories;

/// <summary>The plain path: consent, summary, acceptance, record, outcome.</summary>
internal static class RecordOnAcceptance
{
    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var handoff = new Handoff(cast.Hospital, cast, narrator) { WithFiles = false };
        await handoff.Tell(ct, withQuestion: false);
        return [new(handoff.Referral, cast.Hospital, "loop-closed")];
    }
}
