using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Statements;

/// <summary>Which members go with which act of a handoff, docs/protocol.md §3.3: all of them, and no other.</summary>
public sealed class ActFormTests : IDisposable
{
    private const string D1 = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Head = $$""" {"iss":"harbour","iat":"2026-03-02T08:00:00Z","dir":{"size":4,"root":"{{D1}}"},"log":{"size":0,"root":"{{D1}}"},"ref":"0195a000-0000-7000-8000-000000000003","after":"{{D1}}"} """;

    private static readonly Dictionary<string, string> Values = new()
    {
        ["by"] = "\"wrk0001\"",
        ["expectedBy"] = "\"2026-03-03T08:00:00Z\"",
        ["outcome"] = "\"needs-met\"",
        ["failure"] = "\"moved\"",
        ["fault"] = "\"does-not-open\"",
        ["part"] = "\"record\"",
        ["sha256"] = $"\"{D1}\"",
        ["suggests"] = "\"beacon\"",
        ["urgency"] = "\"urgent\"",
        ["urgencyReason"] = "\"risk-increased\"",
        ["note"] = Parts("note"),
        ["question"] = Parts("question"),
        ["answer"] = Parts("answer"),
    };

    private static readonly (string Kind, string Act, string Members)[] Acts =
    [
        ("acknowledgement", "delivered", ""),
        ("acknowledgement", "undeliverable", "fault"),
        ("acknowledgement", "acknowledged", "by"),
        ("acknowledgement", "information-requested", "by question"),
        ("acknowledgement", "accepted", "by expectedBy"),
        ("acknowledgement", "declined", "by reason"),
        ("acknowledgement", "in-progress", "by"),
        ("acknowledgement", "on-hold", "by"),
        ("acknowledgement", "completed", "by outcome note"),
        ("acknowledgement", "failed", "by failure note"),
        ("acknowledgement", "cancel-confirmed", "by"),
        ("acknowledgement", "content-mismatch", "fault part sha256"),
        ("acknowledgement", "interim-note", "by note"),
        ("acknowledgement", "appointment", "by note"),
        ("acknowledgement", "no-show", "by"),
        ("sender-act", "information-provided", "by answer"),
        ("sender-act", "withdrawn", "by reason"),
        ("sender-act", "urgency-changed", "by urgency urgencyReason"),
        ("sender-act", "entered-in-error", "by"),
        ("sender-act", "loop-closed", "by"),
    ];

    private readonly SigningKey _key = SigningKey.Import(new byte[SigningKey.SeedSize]);

    public static TheoryData<string, string, string> AllActs => [.. Acts];

    public void Dispose() => _key.Dispose();

    [Theory, MemberData(nameof(AllActs))]
    public void An_act_has_its_members_and_no_other(string kind, string act, string members)
    {
        var due = members.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(Reads(kind, act, due));
        foreach (var missing in due) Assert.False(Reads(kind, act, due.Where(member => member != missing)), $"{act} without {missing}");

        var known = kind == "acknowledgement"
            ? new[] { "by", "expectedBy", "reason", "outcome", "failure", "fault", "part", "sha256", "note", "question", "answer" }
            : ["by", "reason", "urgency", "urgencyReason", "note", "question", "answer"];
        foreach (var other in known.Except(due)) Assert.False(Reads(kind, act, [.. due, other]), $"{act} with {other}");
    }

    [Theory, MemberData(nameof(AllActs))]
    public void Nobody_says_what_the_other_party_does(string kind, string act, string members) =>
        Assert.False(Reads(kind == "acknowledgement" ? "sender-act" : "acknowledgement", act, members.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void Every_act_of_a_party_is_here() =>
        Assert.Equal(
            Enum.GetValues<HandoffAct>().Where(act => Handoff.ActorOf(act) != Party.Hub).Select(Code.Text).Order(),
            Acts.Select(act => act.Act).Order());

    [Fact]
    public void Only_a_decline_suggests_another_agency_and_not_itself_or_the_hub()
    {
        foreach (var (kind, act, members) in Acts.Where(act => act.Kind == "acknowledgement"))
            Assert.Equal(act == "declined", Reads(kind, act, [.. members.Split(' ', StringSplitOptions.RemoveEmptyEntries), "suggests"]));
        Assert.False(Reads("acknowledgement", "declined", ["by", "reason"], payload => payload["suggests"] = "harbour"));
        Assert.False(Reads("acknowledgement", "declined", ["by", "reason"], payload => payload["suggests"] = "hub"));
    }

    [Fact]
    public void A_part_that_an_act_brings_is_one_and_has_a_size()
    {
        Assert.False(Reads("acknowledgement", "interim-note", ["by", "note"], payload => payload["parts"]![0]!["size"] = 0));
        Assert.False(Reads("acknowledgement", "interim-note", ["by", "note"], payload => payload["parts"] = new JsonArray()));
        Assert.False(Reads("acknowledgement", "interim-note", ["by", "note"], payload => payload["parts"]!.AsArray().Add(payload["parts"]![0]!.DeepClone())));
    }

    [Fact]
    public void The_hub_does_neither()
    {
        foreach (var (kind, act, members) in Acts)
            Assert.False(Reads(kind, act, members.Split(' ', StringSplitOptions.RemoveEmptyEntries), payload => payload["iss"] = "hub"));
    }

    private static string Parts(string part) => $$"""[{"part":"{{part}}","sha256":"{{D1}}","size":16800}]""";

    private bool Reads(string kind, string act, IEnumerable<string> members, Action<JsonObject>? change = null)
    {
        var payload = JsonNode.Parse(Head)!.AsObject();
        payload["act"] = act;
        foreach (var member in members)
        {
            // Three members are one in the payload, and two kinds have a reason of their own.
            var name = member is "note" or "question" or "answer" ? "parts" : member;
            var value = member == "reason" ? kind == "acknowledgement" ? "\"no-capacity\"" : "\"no-longer-needed\"" : Values[member];
            payload[name] = JsonNode.Parse(value);
        }

        change?.Invoke(payload);
        return SignedStatement.TryRead(Jws.Sign(_key, kind + "+jws", Encoding.ASCII.GetBytes(payload.ToJsonString())).Token, out _);
    }
}
