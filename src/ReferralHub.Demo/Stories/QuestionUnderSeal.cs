namespace ReferralHub.Demo.Stories;

/// <summary>A referral with attachments goes there and back, and the recipient asks something in between.</summary>
internal static class QuestionUnderSeal
{
    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var handoff = new Handoff(cast.Police, cast, narrator);
        await handoff.Tell(ct);
        await OutsideConsent.Tell(cast, handoff.Consent, narrator, ct);
        return [new(handoff.Referral, cast.Police, "loop-closed")];
    }
}
