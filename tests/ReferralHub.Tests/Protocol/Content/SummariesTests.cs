using System.Text;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Content;

/// <summary>How a summary follows from a form (docs/protocol.md §2.6). All people are SYNTHETIC.</summary>
public sealed class SummariesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("\"age\":0", AgeBand.UpTo5)]
    [InlineData("\"age\":6", AgeBand.From6To9)]
    [InlineData("\"age\":12", AgeBand.From10To12)]
    [InlineData("\"age\":13", AgeBand.From13To15)]
    [InlineData("\"age\":17", AgeBand.From16To17)]
    [InlineData("\"age\":18", AgeBand.From18)]
    [InlineData("\"dateOfBirth\":\"2010-03-02\"", AgeBand.From16To17)] // sixteen today
    [InlineData("\"dateOfBirth\":\"2010-03-03\"", AgeBand.From13To15)] // tomorrow
    [InlineData("\"dateOfBirth\":\"2010-03-03\",\"age\":16", AgeBand.From13To15)] // the date says it better
    [InlineData("\"gender\":\"girl\"", AgeBand.Unknown)]
    public void An_age_becomes_a_band(string identity, AgeBand band) => Assert.Equal(band, Of("{\"identity\":{" + identity + "}}").AgeBand);

    [Fact]
    public void A_form_that_says_nothing_about_the_child_makes_a_summary_all_the_same()
    {
        var summary = Of("{}");

        Assert.Equal((AgeBand.Unknown, Risk.High, "north"), (summary.AgeBand, summary.Risk, summary.Area.ToString()));
        Assert.Null(summary.Gender);
        Assert.Null(summary.SafeContactFlags);
        Assert.Null(summary.ExcludedPeople);
    }

    [Fact]
    public void What_the_recipient_must_mind_is_told_and_how_the_child_is_reached_is_not()
    {
        var summary = Of(
            """{"safe-contact":{"method":"through-duty-desk","voicemailAllowed":false,"textAllowed":true,"codeWord":"x","safeTimes":"y","mustNotKnow":["z"],"doNotContact":true}}""");

        Assert.Equal(
            [
                SafeContactWarning.DoNotContact, SafeContactWarning.DutyDeskOnly, SafeContactWarning.NoVoicemail, SafeContactWarning.CodeWord, SafeContactWarning.SafeTimesOnly,
                SafeContactWarning.MustNotKnow, SafeContactWarning.NotConfirmed,
            ],
            summary.SafeContactFlags);
    }

    [Fact]
    public void How_long_evidence_can_be_secured_is_told() =>
        Assert.Equal(
            new DateTimeOffset(2026, 3, 4, 8, 0, 0, TimeSpan.Zero),
            Of("{}", concern: ""","evidenceWindow":"2026-03-04T08:00:00Z" """).EvidenceWindow);

    [Fact]
    public void What_nobody_allowed_is_not_allowed() =>
        Assert.Equal(
            [SafeContactWarning.NoVoicemail, SafeContactWarning.NoTextMessage],
            Of("""{"safe-contact":{"method":"call","lastConfirmedAt":"2026-03-01T08:00:00Z"}}""").SafeContactFlags);

    [Fact]
    public void Nothing_that_anybody_wrote_into_a_form_gets_into_its_summary()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var form = new RandomForms(seed).Draw();
            Assert.True(FormCheck.TryRead(form, Now, out var read, out _));
            Assert.Contains(RandomForms.Mark, Encoding.UTF8.GetString(form.ToBytes()), StringComparison.Ordinal);

            var summary = Encoding.UTF8.GetString(SealedJson.Write(Summaries.Of(Need(excluded: null), read, Now)));

            Assert.DoesNotContain(RandomForms.Mark, summary, StringComparison.Ordinal);
            if (read.Identity?.DateOfBirth is { } born) Assert.DoesNotContain($"{born:yyyy-MM-dd}", summary, StringComparison.Ordinal);
            Assert.True(SealedJson.TryRead<Summary>(Encoding.UTF8.GetBytes(summary), out _));
        }
    }

    [Fact]
    public void The_only_names_in_a_summary_are_those_of_excluded_people() =>
        Assert.Equal(["SYNTHETIC Noor"], Of("{}", ["SYNTHETIC Noor"]).ExcludedPeople);

    [Theory]
    [InlineData("12 example street")]
    [InlineData("street-12")]
    [InlineData("North")]
    [InlineData("north-east-of-the-old-town")]
    [InlineData("")]
    public void An_area_cannot_be_an_address(string area) => Assert.False(AreaCode.TryParse(area, out _));

    private static Need Need(string[]? excluded) => new(ServiceFamily.Shelter, Urgency.Urgent, AreaCode.Parse("north"), excluded);

    private static Summary Of(string members, string[]? excluded = null, string concern = "")
    {
        var json = members.Insert(1, $$""" "concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"]{{concern}}}""" + (members == "{}" ? "" : ","));
        Assert.True(Form.TryRead(Encoding.UTF8.GetBytes(json), out var form));
        Assert.True(FormCheck.TryRead(form, Now, out var read, out _));
        return Summaries.Of(Need(excluded), read, Now);
    }
}
