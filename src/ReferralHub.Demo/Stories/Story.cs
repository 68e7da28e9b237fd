namespace ReferralHub.Demo.Stories;

/// <summary>One of the stories that the demo tells.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Tell">Tells it; throws where it is not as it should be.</param>
/// <param name="Waits">Whether it mostly waits for clocks, and goes on beside all others.</param>
/// <param name="Alone">Whether it alarms a gateway or stops it, which others would notice: it begins when those before it have ended.</param>
internal sealed record Story(
    string Title, Func<Cast, Narrator, CancellationToken, Task<IReadOnlyList<Ending>>> Tell, bool Waits = false, bool Alone = false)
{
    /// <summary>In the order of telling.</summary>
    public static IReadOnlyList<Story> All { get; } =
    [
        new("Police to hospital, an emergency without consent: two people, an evidence window, a review", EmergencyWithoutConsent.Tell),
        new("Police to shelter: a question answered under seal; what nobody agreed to is not sent", QuestionUnderSeal.Tell),
        new("Hospital to shelter by consent: the record only on acceptance", RecordOnAcceptance.Tell),
        new("Shelter to NGO: declined for want of room, alternatives, sent on and accepted", DeclinedAndSentOn.Tell),
        new("Police take a referral back: the shelter stays responsible until it confirms", WithdrawalConfirmed.Tell),
        new("Police to shelter, and nobody looks: alerts climb into mailboxes, the sender is told", NobodyAcknowledges.Tell, Waits: true),
        new("A consent is taken back: before release, after opening, and where a legal hold keeps it", ConsentRevoked.Tell, Alone: true),
        new("A shelter loses its keys, recovers from paper and gets the envelope sealed anew", RecoveredFromPaper.Tell, Alone: true),
    ];
}

/// <summary>How a referral of a story must have ended, which its evidence has to prove.</summary>
/// <param name="Referral">Its id.</param>
/// <param name="Sender">Who sent it, and exports the evidence.</param>
/// <param name="State">The state at the end.</param>
internal sealed record Ending(string Referral, AgencyNode Sender, string State);
