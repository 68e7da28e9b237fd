using System.Text;
using ReferralHub.Protocol.Content;

namespace ReferralHub.Tests.Protocol.Content;

/// <summary>What a hostile sender may put into a form (docs/protocol.md §2.6). That it is refused is told, never thrown.</summary>
public sealed class FormTests
{
    public static TheoryData<string> Refused =>
        [.. Directory.EnumerateFiles(Path.Combine(Vectors.Root(), "tests", "vectors", "content")).Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_form_that_is_not_sound_text_is_refused(string file) => Assert.False(Form.TryRead(Vectors.Read("content", file), out _));

    [Fact]
    public void There_are_vectors_of_unsound_forms() => Assert.Equal(5, Refused.Count);

    [Theory]
    [InlineData("""{"identity":{"name":"\ud83d\ude00"}}""")]
    [InlineData("""{"identity":{"name":"\u00e9","nickname":null}}""")]
    [InlineData("""{"documents":[{"path":"attachments/0001","name":"\u0000","type":"x"}]}""")]
    public void Any_Unicode_is_allowed_in_a_form(string json) => Assert.True(Form.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void A_null_among_the_excluded_people_is_refused() => Assert.False(SealedJson.TryRead<Summary>(
        """{"service":"shelter","urgency":"standard","ageBand":"13-15","risk":"low","area":"north","excludedPeople":[null]}"""u8, out _));
}
