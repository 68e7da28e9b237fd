using System.Text.RegularExpressions;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Statements;

/// <summary>What the field forbids has no place to be written.</summary>
public sealed partial class FieldRulesTests
{
    [Fact]
    public void A_consent_is_no_yes_or_no()
    {
        foreach (var type in new[] { typeof(Consent), typeof(ConsentDetail), typeof(BasisDetail) })
            Assert.DoesNotContain(type.GetProperties(), p => p.PropertyType == typeof(bool) && p.CanWrite);
    }

    [Fact]
    public void Who_says_no_is_recorded_and_nobody_declines_or_fails_a_child_for_it()
    {
        Assert.Contains("denied", Code.All<ConsentStatus>());
        Assert.DoesNotContain(Code.All<DeclineReason>().Concat(Code.All<FailReason>()), code => code.Contains("consent", StringComparison.Ordinal));
    }

    [Fact]
    public void A_referral_is_addressed_to_an_agency_and_a_family_of_service_and_to_no_person()
    {
        var members = typeof(Referral).GetProperties().Where(p => p.CanWrite).ToDictionary(p => p.Name, p => p.PropertyType);
        Assert.Equal((typeof(AgencyId), typeof(ServiceFamily)), (members["To"], members["Service"]));
        Assert.Equal(["By"], members.Where(m => m.Value == typeof(Handle)).Select(m => m.Key));
    }

    [Fact]
    public void Every_word_that_a_story_of_the_demo_writes_says_that_it_is_synthetic()
    {
        var stories = System.IO.Directory.EnumerateFiles(Path.Combine(Vectors.Root(), "src", "ReferralHub.Demo", "Stories"), "*.cs").Select(File.ReadAllText).ToList();
        var written = stories.SelectMany(text => Written().Matches(text)).Select(match => match.Groups["text"].Value).ToList();
        Assert.True(written.Count > 5, "the stories must be found and read");
        Assert.DoesNotContain(written, text => !text.StartsWith("SYNTHETIC", StringComparison.Ordinal));
        // What goes along is drawn, and neutral: a blank form and a test pattern.
        Assert.Equal(
            ["BlankForm.cs", "MotionJpeg.cs", "TestPattern.cs"],
            System.IO.Directory.EnumerateFiles(Path.Combine(Vectors.Root(), "src", "ReferralHub.Demo", "Attachments")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("\"(reason|subject|when|summary)\": \"(?<text>[^{\"][^\"]*)\"|const string (Note|Remark|Question|Answer|Subject) = \"(?<text>[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Written();
}
