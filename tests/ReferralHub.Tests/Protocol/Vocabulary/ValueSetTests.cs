using System.Text.RegularExpressions;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Vocabulary;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Vocabulary;

/// <summary>The value sets of docs/protocol.md §1.7: every code has a meaning in every language.</summary>
public sealed partial class ValueSetTests
{
    // What people never choose: codes of faults, for programs.
    private static readonly Type[] NoSets = [typeof(FormProblem)];

    public static TheoryData<Type> Sets =>
    [
        .. typeof(Urgency).Assembly.GetExportedTypes()
            .Where(t => t.IsEnum && (t.Namespace == typeof(Urgency).Namespace || t.Namespace == typeof(Form).Namespace))
            .Append(typeof(HandoffState)).Except(NoSets),
    ];

    [Theory, MemberData(nameof(Sets))]
    public void Every_code_belongs_to_a_set_and_has_a_text_in_every_language(Type codes)
    {
        var set = ValueSet.Find(ValueSet.NameOf(codes));
        Assert.True(set is not null, $"{ValueSet.NameOf(codes)} is missing in src/ReferralHub.Protocol/Vocabulary/ValueSets.json");

        Assert.Equal(Spellings(codes), set.Codes);
        Assert.True(set.Version >= 1);
        foreach (var code in set.Codes)
        {
            Assert.Matches(English(), set.Text(code, TextLanguage.En));
            Assert.Matches(Arabic(), set.Text(code, TextLanguage.Ar));
        }
    }

    [Fact]
    public void No_set_is_there_without_its_codes() =>
        Assert.Equal(Sets.Select(s => ValueSet.NameOf(s.Data)).Order(StringComparer.Ordinal), ValueSet.All.Select(s => s.Name));

    [Theory, MemberData(nameof(Sets))]
    public void Two_codes_of_a_set_never_have_the_same_text(Type codes)
    {
        var set = ValueSet.Find(ValueSet.NameOf(codes))!;
        foreach (var language in Enum.GetValues<TextLanguage>()) Assert.Equal(set.Codes.Count, set.Codes.Select(c => set.Text(c, language)).Distinct().Count());
    }

    [Fact]
    public void A_code_is_shown_by_its_value_too() => Assert.Equal("لا توجد طاقة استيعابية", ValueSet.Text(DeclineReason.NoCapacity, TextLanguage.Ar));

    [Fact]
    public void No_code_state_or_field_calls_a_child_an_offender()
    {
        var said = ValueSet.All.SelectMany(s => s.Codes.SelectMany(c => new[] { c, s.Text(c, TextLanguage.En), s.Text(c, TextLanguage.Ar) }))
            .Append(FormSchema.Text).ToList();

        Assert.All(said, text => Assert.DoesNotMatch(Blame(), text));
        Assert.Matches(Blame(), "young offender");
        Assert.Matches(Blame(), "طفل جانح");
    }

    private static IEnumerable<string> Spellings(Type codes) =>
        Enum.GetValuesAsUnderlyingType(codes).Cast<object>()
            .Select(v => System.Text.Json.JsonSerializer.SerializeToElement(Enum.ToObject(codes, v), codes, StrictJson.Options).GetString()!);

    [GeneratedRegex("^[ -~]{3,}$")]
    private static partial Regex English();

    [GeneratedRegex("[\u0621-\u0652]{2,}")]
    private static partial Regex Arabic();

    [GeneratedRegex("offen[cd]|crim|guilt|delinquen|illegal|culprit|perpetrat|accus|prostitute|whore|مجرم|جانح|متهم|مذنب|عاهرة|غير شرعي", RegexOptions.IgnoreCase)]
    private static partial Regex Blame();
}
