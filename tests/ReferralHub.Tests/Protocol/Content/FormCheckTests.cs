using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Content;

/// <summary>The strict reading of a form by its sender (docs/protocol.md §2.6). All people are SYNTHETIC.</summary>
public sealed class FormCheckTests
{
    private const string Concern = """
        "concern":{"risk":"high","reason":"SYNTHETIC","servicesRequested":["safehouse"]}
        """;

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"identity":{"name":"x"}}""", "concern: missing")]
    [InlineData("""{"concern":{"risk":"high","servicesRequested":["safehouse"]}}""", "concern.reason: missing")]
    [InlineData("""{"concern":{"risk":"severe","reason":"x","servicesRequested":["safehouse"]}}""", "concern.risk: no-such-code")]
    [InlineData("""{"concern":{"risk":"high","reason":"","servicesRequested":["safehouse"]}}""", "concern.reason: wrong-length")]
    [InlineData("""{"concern":{"risk":"high","reason":7,"servicesRequested":["safehouse"]}}""", "concern.reason: wrong-kind")]
    [InlineData("""{"concern":{"risk":"high","reason":null,"servicesRequested":["safehouse"]}}""", "concern.reason: wrong-kind")]
    [InlineData("""{"concern":{"risk":"high","reason":"x","servicesRequested":[]}}""", "concern.servicesRequested: wrong-length")]
    [InlineData("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse","medical","safehouse"]}}""", "concern.servicesRequested.3: repeated")]
    [InlineData("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"],"aggravations":["undocumented"]}}""", "concern.aggravations.1: no-such-code")]
    [InlineData("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"],"evidenceWindow":"2026-03-02 08:00"}}""", "concern.evidenceWindow: wrong-value")]
    [InlineData("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"],"evidenceWindow":"2026-02-31T08:00:00Z"}}""", "concern: wrong-value")]
    [InlineData("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"],"nickname":"y"}}""", "concern.nickname: no-such-field")]
    [InlineData("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"],"Sara 5":"y"}}""", "concern.?: no-such-field")]
    [InlineData("""{"identity":{"age":121},CONCERN}""", "identity.age: wrong-value")]
    [InlineData("""{"identity":{"age":1.5},CONCERN}""", "identity.age: wrong-value")]
    [InlineData("""{"identity":{"age":13,"dateOfBirth":"2009-01-01"},CONCERN}""", "identity.age: contradiction")]
    [InlineData("""{"identity":{"dateOfBirth":"2027-01-01"},CONCERN}""", "identity.age: contradiction")]
    [InlineData("""{"caregivers":{"people":[{"relation":"mother"}]},CONCERN}""", "caregivers.people.1.informed: missing")]
    [InlineData("""{"safe-contact":{"codeWord":"x"},CONCERN}""", "safe-contact.method: missing")]
    [InlineData("""{"documents":[],CONCERN}""", "documents: wrong-length")]
    public void What_is_wrong_is_named_by_its_field(string json, string fault)
    {
        Assert.False(FormCheck.TryRead(Read(json.Replace("CONCERN", Concern, StringComparison.Ordinal)), Now, out _, out var faults));

        Assert.Equal([fault], faults.Select(f => f.ToString()));
    }

    [Fact]
    public void Files_alone_are_no_form()
    {
        Assert.False(FormCheck.TryRead(Read("""{"documents":[{"path":"attachments/0001","name":"referral.pdf","type":"application/pdf"}]}"""), Now, out _, out var faults));

        Assert.Equal(["concern: missing"], faults.Select(f => f.ToString()));
    }

    [Fact]
    public void Everything_wrong_is_named_at_once()
    {
        Assert.False(FormCheck.TryRead(Read("""{"identity":{"age":-1,"gender":"f"},"health":{"needs":["x","y"]}}"""), Now, out _, out var faults));

        Assert.Equal(["identity.age", "identity.gender", "health.needs.1", "health.needs.2"], faults.Select(f => f.Field));
    }

    [Fact]
    public void A_fault_names_no_content()
    {
        var json = $$$"""{"identity":{"gender":"SYNTHETICgender","SYNTHETIC سارة":1},{{{Concern}}}}""";

        Assert.DoesNotContain("SYNTHETIC", string.Join('\n', FormCheck.Faults(Read(json), Now)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_has_at_most_4000_characters_whatever_their_size_in_bytes()
    {
        Assert.Empty(FormCheck.Faults(Named(FormSchema.MaxText), Now));
        Assert.Equal(["identity.name: wrong-length"], FormCheck.Faults(Named(FormSchema.MaxText + 1), Now).Select(f => f.ToString()));

        static Form Named(int length) => Read($$$"""{"identity":{"name":"{{{string.Concat(Enumerable.Repeat("\U0001F331", length))}}}"}}""");
    }

    [Fact]
    public void Every_field_stands_in_exactly_one_member_and_every_member_is_a_category()
    {
        var members = FormSchema.Schema["properties"]!.AsObject();

        Assert.Equal(Code.All<Category>().Except(["summary"]), members.Select(m => m.Key));
        Assert.False((bool)FormSchema.Schema["additionalProperties"]!);
        Assert.All(members, m => Assert.Equal((string?)m.Value!["type"] == "object", m.Value["additionalProperties"] is not null));
    }

    [Fact]
    public void To_be_without_papers_is_immigration_status_data_and_nothing_else_s() =>
        Assert.Equal(["immigration-status"], FormSchema.Schema["properties"]!.AsObject().Where(m => m.Value!.ToJsonString().Contains("undocumented", StringComparison.Ordinal)).Select(m => m.Key));

    [Fact]
    public void The_committed_schema_is_what_the_code_checks_with() => // else: referral-gateway form schema > docs/schema/referral.json
        Assert.Equal(File.ReadAllText(Path.Combine(Vectors.Root(), "docs", "schema", "referral.json")), FormSchema.Text);

    [Fact]
    public void An_official_who_is_involved_forces_a_review_of_the_exclusions()
    {
        Assert.True(Checked("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"],"aggravations":["drugs","official-involved"]}}""").ForcesReviewOfExclusions);
        Assert.False(Checked("""{"concern":{"risk":"high","reason":"x","servicesRequested":["safehouse"],"aggravations":["drugs"]}}""").ForcesReviewOfExclusions);
        Assert.False(Checked("{" + Concern + "}").ForcesReviewOfExclusions);
    }

    [Fact]
    public void A_recipient_reads_what_a_newer_sender_writes_and_sees_what_it_does_not_know() =>
        Assert.Equal(
            ["health.needs.1: no-such-code", "health.weight: no-such-field"],
            FormCheck.Unknown(Read("""{"health":{"needs":["a-new-code"],"weight":"x"}}"""), Now));

    [Fact]
    public void Whatever_keeps_to_the_schema_is_read_whole_and_reduced()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var form = new RandomForms(seed).Draw();
            Assert.True(FormCheck.TryRead(form, Now, out var read, out var faults), $"seed {seed}: {string.Join(", ", faults ?? [])}");
            foreach (var category in form.Categories) Assert.Empty(FormCheck.Faults(read.Form.Reduce([category]), Now));
        }
    }

    [Fact]
    public void A_reduced_form_has_no_byte_of_what_was_taken_out()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var form = new RandomForms(seed).Draw();
            foreach (var withheld in form.Categories)
            {
                var left = Encoding.UTF8.GetString(form.Reduce([.. form.Categories.Where(c => c != withheld)]).ToBytes());
                foreach (var text in Texts(JsonNode.Parse(form[withheld]!.Value.GetRawText())!)) Assert.DoesNotContain(text, left, StringComparison.Ordinal);
            }
        }
    }

    internal static IEnumerable<string> Texts(JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(m => Texts(m.Value!)),
        JsonArray items => items.SelectMany(i => Texts(i!)),
        _ when node.GetValueKind() == System.Text.Json.JsonValueKind.String && ((string)node!).StartsWith(RandomForms.Mark, StringComparison.Ordinal) =>
            [((string)node!)["SYNTHETICtext ".Length..^" سارة".Length]],
        _ => [],
    };

    private static CheckedForm Checked(string json)
    {
        Assert.True(FormCheck.TryRead(Read(json), Now, out var read, out _));
        return read;
    }

    private static Form Read(string json)
    {
        Assert.True(Form.TryRead(Encoding.UTF8.GetBytes(json), out var form));
        return form;
    }
}
