using ReferralHub.Demo;
using ReferralHub.Demo.Stories;

namespace ReferralHub.SystemTests.Embedded;

[Trait("group", "embedded")]
[Collection(nameof(ToldStory))]
public sealed class EmbeddedHandoffTests(ToldStory story) : HandoffTests(story);

/// <summary>The same on either engine.</summary>
public abstract class HandoffTests(ToldStory story)
{
    private static readonly (string Words, string? Responsible)[] WholeStory =
    [
        ("proposed the agreement", null),
        ("accepted the agreement", null),
        ("recorded the consent: granted", null),
        ("sent the referral: shelter, urgent", Police),
        ("was handed the summary", Police),
        ("delivered", Police),
        ("opened the summary", Police),
        ("acknowledged", Police),
        ("information-requested", Police),
        ("was handed the question", Police),
        ("opened the question", Police),
        ("information-provided", Police),
        ("was handed the answer", Police),
        ("opened the answer", Police),
        ("accepted", Shelter),
        ("was handed the record", Shelter),
        ("opened the record", Shelter),
        ("saved an attachment of the record", Shelter),
        ("saved an attachment of the record", Shelter),
        ("saved an attachment of the record", Shelter),
        ("completed: needs-met", Police),
        ("was handed the note", Police),
        ("opened the note", Police),
        ("loop-closed", null),
    ];

    private const string Police = "police-child-protection";
    private const string Shelter = "haven-shelter";

    [Fact]
    public async Task A_referral_goes_there_and_back_and_what_nobody_agreed_to_does_not_go()
    {
        var ct = TestContext.Current.CancellationToken;
        var told = await story.Hear();

        EndedAsItShould(told.Evidence);
        Assert.Empty(HubLogFile.Troubles(told.Cast.Hub));
        await OutsideConsent.Tell(told.Cast, told.Handoff.Consent, Narrator.Silent, ct);
    }

    [Fact]
    public async Task It_does_so_when_the_hub_and_both_gateways_lose_power_on_the_way()
    {
        var told = await story.Hear();

        EndedAsItShould(told.AfterPowerCuts);
        Assert.Empty(HubLogFile.Troubles(told.Cast.Hub));
    }

    private static void EndedAsItShould(Evidence evidence)
    {
        Assert.Equal("loop-closed", evidence.State);
        Assert.Equal(WholeStory, evidence.Acts.Select(act => (act.Words.Split(": expected by")[0], act.Responsible)));
    }
}
