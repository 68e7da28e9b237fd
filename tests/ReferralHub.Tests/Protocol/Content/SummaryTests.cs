using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Protocol.Content;

namespace ReferralHub.Tests.Protocol.Content;

/// <summary>The members of <c>summary.json</c>, <c>consent.json</c> and <c>note.json</c> (docs/protocol.md §2.4, §2.6).</summary>
public sealed class SummaryTests
{
    internal const string Short = """{"service":"shelter","urgency":"urgent","ageBand":"13-15","risk":"high","area":"north"}""";

    private const string Detail =
        """
        {"grantors":["child-assent","caregiver"],"competenceAssessed":"SYNTHETIC","categories":["identity","health"],
        "services":["safehouse"],"form":"verbal-witnessed","language":"ar","risksExplained":"SYNTHETIC",
        "obtainedAt":"2026-03-02T08:00:00Z","obtainedBy":"SYNTHETIC"}
        """;

    [Fact]
    public void The_first_five_members_of_a_summary_must_be_there_and_the_rest_may()
    {
        Assert.True(Reads<Summary>(Short));
        foreach (var (member, _) in JsonNode.Parse(Short)!.AsObject()) Assert.False(Reads<Summary>(Without(Short, member)), member);

        var whole = JsonNode.Parse(Short)!.AsObject();
        foreach (var (member, value) in new (string, JsonNode)[]
        {
            ("gender", "girl"), ("language", "ar"), ("interpreterNeeded", true), ("specificNeeds", new JsonArray("hearing")), ("evidenceWindow", "2026-03-06T08:00:00Z"),
            ("safeContactFlags", new JsonArray("code-word")), ("excludedPeople", new JsonArray("SYNTHETIC")),
        })
        {
            whole[member] = value;
            Assert.True(Reads<Summary>(whole.ToJsonString()), member);
        }

        whole["more"] = 1;
        Assert.False(Reads<Summary>(whole.ToJsonString()));
    }

    [Fact]
    public void Every_member_of_a_consent_s_detail_must_be_there_but_the_digest_of_a_paper()
    {
        Assert.True(Reads<ConsentDetail>(Detail));
        foreach (var (member, _) in JsonNode.Parse(Detail)!.AsObject()) Assert.False(Reads<ConsentDetail>(Without(Detail, member)), member);
        var signed = JsonNode.Parse(Detail)!.AsObject();
        signed["original"] = new string('1', 64);
        Assert.True(Reads<ConsentDetail>(signed.ToJsonString()));
        signed["original"] = "paper";
        Assert.False(Reads<ConsentDetail>(signed.ToJsonString()));
    }

    [Theory]
    [InlineData("{\"text\":\"SYNTHETIC سارة\\n\"}", true)]
    [InlineData("{}", false)]
    [InlineData("{\"text\":null}", false)]
    [InlineData("{\"text\":\"\",\"more\":1}", false)]
    public void A_note_has_a_text(string json, bool good) => Assert.Equal(good, Reads<Note>(json));

    private static bool Reads<T>(string json)
        where T : class => SealedJson.TryRead<T>(Encoding.UTF8.GetBytes(json), out _);

    private static string Without(string json, string member)
    {
        var left = JsonNode.Parse(json)!.AsObject();
        Assert.True(left.Remove(member));
        return left.ToJsonString();
    }
}
