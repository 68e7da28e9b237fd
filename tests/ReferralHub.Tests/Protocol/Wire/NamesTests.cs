using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Wire;

/// <summary>The grammars of docs/protocol.md §1.5, at their edges.</summary>
public sealed class NamesTests
{
    private const string Thirteen = "abcdefghijklm";
    private const string Forty = Thirteen + Thirteen + Thirteen + "n";

    [Theory]
    [InlineData("ab", true)]
    [InlineData("09", true)]
    [InlineData("--", true)]
    [InlineData("north-police", true)]
    [InlineData(Forty, true)]
    [InlineData(Forty + "o", false)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("North", false)]
    [InlineData("a_b", false)]
    [InlineData("a.b", false)]
    [InlineData("a b", false)]
    [InlineData(" ab", false)]
    [InlineData("ab\n", false)]
    [InlineData("\u00E9\u00E9", false)]
    [InlineData("\u0661\u0662", false)]
    public void An_agency_and_a_policy_have_2_to_40_of_a_z_0_9_and_hyphen(string? text, bool good)
    {
        Assert.Equal(good ? text : null, AgencyId.TryParse(text, out var agency) ? agency.ToString() : null);
        Assert.Equal(good ? text : null, PolicyId.TryParse(text, out var policy) ? policy.ToString() : null);
    }

    [Theory]
    [InlineData("abcd", true)]
    [InlineData("0000", true)]
    [InlineData(Thirteen + Thirteen, true)]
    [InlineData(Thirteen + Thirteen + "n", false)]
    [InlineData("abc", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("ab-d", false)]
    [InlineData("abcD", false)]
    [InlineData("abcd\n", false)]
    [InlineData("abc\u00E9", false)]
    public void A_handle_has_4_to_26_of_a_z_and_0_9(string? text, bool good) =>
        Assert.Equal(good ? text : null, Handle.TryParse(text, out var handle) ? handle.ToString() : null);

    [Theory]
    [InlineData("a", true)]
    [InlineData("0", true)]
    [InlineData("ab", true)]
    [InlineData("hub.example", true)]
    [InlineData("a.-b", true)]
    [InlineData("a" + Forty + "abcdefghijklmnopqrstu" + "z", true)]
    [InlineData("a" + Forty + "abcdefghijklmnopqrstuv" + "z", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData(".a", false)]
    [InlineData("a.", false)]
    [InlineData("-", false)]
    [InlineData("Hub", false)]
    [InlineData("a/b", false)]
    [InlineData("a_b", false)]
    [InlineData("a\n", false)]
    public void An_origin_has_1_to_63_with_a_letter_or_digit_at_both_ends(string? text, bool good) =>
        Assert.Equal(good ? text : null, Origin.TryParse(text, out var origin) ? origin.ToString() : null);

    [Fact]
    public void An_origin_names_its_logs_and_its_cosigner()
    {
        var origin = Origin.Parse("hub.example");
        Assert.Equal(
            ("hub.example/directory", "hub.example/audit", "hub.example/cosigner"),
            (origin.DirectoryLog, origin.AuditLog, origin.Cosigner));
    }

    [Theory]
    [InlineData("0123456789ABCDEFGHJKMNPQRS", true)]
    [InlineData("7VWXYZTTTTTTTTTTTTTTTTTTTT", true)]
    [InlineData("00000000000000000000000000", true)]
    [InlineData("8000000000000000000000000Z", false)]
    [InlineData("A0000000000000000000000000", false)]
    [InlineData("0000000000000000000000000", false)]
    [InlineData("000000000000000000000000000", false)]
    [InlineData("0I000000000000000000000000", false)]
    [InlineData("0L000000000000000000000000", false)]
    [InlineData("0O000000000000000000000000", false)]
    [InlineData("0U000000000000000000000000", false)]
    [InlineData("0a000000000000000000000000", false)]
    [InlineData("0-000000000000000000000000", false)]
    [InlineData("00000000000000000000000000\n", false)]
    [InlineData(null, false)]
    public void A_case_code_is_128_bits_of_Crockford_base32_in_one_spelling(string? text, bool good) =>
        Assert.Equal(good ? text : null, CaseCode.TryParse(text, out var code) ? code.ToString() : null);

    [Fact]
    public void Drawn_case_codes_use_every_letter_in_every_place_that_may_have_it()
    {
        // A letter misses its place in a thousand draws once in 10^13 runs.
        var codes = Enumerable.Range(0, 1000).Select(_ => CaseCode.Draw().ToString()).ToList();
        Assert.Equal(1000, codes.Distinct().Count());
        Assert.All(codes, code => Assert.True(CaseCode.TryParse(code, out _)));
        Assert.Equal("01234567", Letters(0));
        for (var place = 1; place < 26; place++) Assert.Equal("0123456789ABCDEFGHJKMNPQRSTVWXYZ", Letters(place));

        string Letters(int place) => string.Concat(codes.Select(code => code[place]).Distinct().Order());
    }

    [Fact]
    public void A_name_that_must_be_one_and_is_not_throws_without_repeating_it()
    {
        var thrown = Assert.Throws<FormatException>(() => Handle.Parse("not a handle"));
        Assert.DoesNotContain("not a handle", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"ab\"", true)]
    [InlineData("\"a\"", false)]
    [InlineData("12", false)]
    [InlineData("true", false)]
    [InlineData("[\"ab\"]", false)]
    [InlineData("{}", false)]
    public void A_name_in_JSON_is_a_string_of_its_grammar(string value, bool good) =>
        Assert.Equal(good, StrictJson.TryRead<Holder>(System.Text.Encoding.ASCII.GetBytes($$"""{"name":{{value}}}"""), out _));

    private sealed record Holder(AgencyId Name);
}
