using System.Text;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Content;

/// <summary>What stands inside an envelope (docs/protocol.md §2.6). All people are SYNTHETIC.</summary>
public sealed class FormTests
{
    private const string Whole =
        """
        {"documents":[{"path":"attachments/0002","name":"SYNTHETIC نموذج.pdf","type":"application/pdf"}],
        "identity":{"name":"SYNTHETIC سارة"},"health":{"needs":["SYNTHETIC"]},
        "photos":[{"path":"attachments/0001","name":"SYNTHETIC.jpg","type":"image/jpeg"}]}
        """;

    [Fact]
    public void A_form_lists_its_categories_in_their_order_and_its_attachments()
    {
        var form = Read(Whole);
        Assert.Equal([Category.Identity, Category.Health, Category.Photos, Category.Documents], form.Categories);
        Assert.Equal(["attachments/0001", "attachments/0002"], form.Attachments.Select(a => a.Path).Order());
        Assert.Equal("SYNTHETIC سارة", form[Category.Identity]!.Value.GetProperty("name").GetString());
        Assert.Null(form[Category.Legal]);
    }

    [Fact]
    public void What_is_written_is_what_was_read()
    {
        var again = Read(Encoding.UTF8.GetString(Read(Whole).ToBytes()));
        Assert.Equal(Read(Whole).Categories, again.Categories);
        Assert.Equal(Read(Whole).Attachments.OrderBy(a => a.Path), again.Attachments.OrderBy(a => a.Path));
        Assert.Equal("SYNTHETIC سارة", again[Category.Identity]!.Value.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"summary\":{}}")]
    [InlineData("{\"other\":{}}")]
    [InlineData("{\"Identity\":{}}")]
    [InlineData("{\"identity\":{},\"identity\":{}}")]
    [InlineData("{\"identity\":null}")]
    [InlineData("{\"identity\":[]}")]
    [InlineData("{\"identity\":\"text\"}")]
    [InlineData("{\"photos\":{}}")]
    [InlineData("{\"photos\":[null]}")]
    [InlineData("{\"photos\":[{\"path\":\"attachments/0001\",\"name\":\"a\"}]}")]
    [InlineData("{\"photos\":[{\"path\":\"attachments/0001\",\"name\":null,\"type\":\"image/png\"}]}")]
    [InlineData("{\"photos\":[{\"path\":\"attachments/0001\",\"name\":\"a\",\"type\":\"image/png\",\"more\":1}]}")]
    [InlineData("{\"photos\":[{\"path\":\"p\",\"name\":\"a\",\"type\":\"t\"},{\"path\":\"p\",\"name\":\"b\",\"type\":\"t\"}]}")]
    [InlineData("{\"photos\":[{\"path\":\"p\",\"name\":\"a\",\"type\":\"t\"}],\"documents\":[{\"path\":\"p\",\"name\":\"b\",\"type\":\"t\"}]}")]
    public void Another_form_is_refused(string json) => Assert.False(Form.TryRead(Encoding.UTF8.GetBytes(json), out _));

    public static TheoryData<string> Refused =>
        [.. System.IO.Directory.EnumerateFiles(Path.Combine(Vectors.Root(), "tests", "vectors", "content")).Select(file => Path.GetFileName(file))];

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

    [Fact]
    public void A_reduced_form_has_only_the_disclosed_members_and_their_attachments()
    {
        var reduced = Read(Whole).Reduce([Category.Identity, Category.Photos, Category.Contact]);
        Assert.Equal([Category.Identity, Category.Photos], reduced.Categories);
        Assert.Equal(["attachments/0001"], reduced.Attachments.Select(a => a.Path));
        var json = Encoding.UTF8.GetString(reduced.ToBytes());
        Assert.DoesNotContain("needs", json, StringComparison.Ordinal);
        Assert.DoesNotContain("attachments/0002", json, StringComparison.Ordinal);
        Assert.Empty(Read(Whole).Reduce([]).Categories);
    }

    [Fact]
    public void A_member_of_an_envelope_has_at_most_a_mebibyte()
    {
        var frame = Encoding.UTF8.GetBytes("""{"identity":{"name":""}}""").Length;
        Assert.True(Form.TryRead(Named((1 << 20) - frame), out _));
        Assert.False(Form.TryRead(Named((1 << 20) - frame + 1), out _));

        static byte[] Named(int length) => Encoding.UTF8.GetBytes($$$"""{"identity":{"name":"{{{new string('x', length)}}}"}}""");
    }

    [Fact]
    public void No_content_is_in_what_a_log_would_print()
    {
        var form = Read(Whole);
        Assert.Equal("Form of 4 categories", form.ToString());
        Assert.Equal(["attachments/0001", "attachments/0002"], form.Attachments.Select(a => a.ToString()).Order());
        Assert.Equal("Note", new Note { Text = "SYNTHETIC" }.ToString());
        Assert.True(SealedJson.TryRead<Summary>(Encoding.UTF8.GetBytes(SummaryTests.Short), out var summary));
        Assert.Equal("Summary", summary.ToString());
    }

    private static Form Read(string json)
    {
        Assert.True(Form.TryRead(Encoding.UTF8.GetBytes(json), out var form));
        return form;
    }
}
