using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Statements;

/// <summary>Which members go with which act of the hub and of its coordinators, docs/protocol.md §3.3: all of them, and no other.</summary>
public sealed class HubFormTests : IDisposable
{
    private const string D1 = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Head = $$""" {"iss":"hub","iat":"2026-03-02T08:00:00Z","dir":{"size":4,"root":"{{D1}}"},"log":{"size":0,"root":"{{D1}}"} } """;

    private static readonly Dictionary<string, string> Values = new()
    {
        ["manifest"] = $"\"{D1}\"",
        ["ref"] = "\"0195a000-0000-7000-8000-000000000003\"",
        ["after"] = $"\"{D1}\"",
        ["by"] = "\"coo0001\"",
        ["clock"] = "\"decide\"",
        ["due"] = "\"2026-03-03T08:00:00Z\"",
        ["step"] = "\"breach\"",
        ["finding"] = "\"in-order\"",
        ["party"] = "\"sender\"",
        ["agencies"] = "[\"beacon\",\"harbour\"]",
    };

    private static readonly (string Kind, string Act, string Members)[] Acts =
    [
        ("hub-act", "evidence", "manifest"),
        ("hub-act", "evidence-index", "manifest"),
        ("hub-act", "expired", "ref after"),
        ("hub-act", "handed-back", "ref after"),
        ("hub-act", "due-soon", "ref after clock due"),
        ("hub-act", "overdue", "ref after clock due step"),
        ("coordinator-act", "reviewed", "ref after by finding"),
        ("coordinator-act", "nudged", "ref after by party"),
        ("coordinator-act", "escalated", "ref after by party"),
        ("coordinator-act", "alternates", "ref after by agencies"),
    ];

    private readonly SigningKey _key = SigningKey.Import(new byte[SigningKey.SeedSize]);

    public static TheoryData<string, string, string> AllActs => [.. Acts];

    public void Dispose() => _key.Dispose();

    [Theory, MemberData(nameof(AllActs))]
    public void An_act_has_its_members_and_no_other(string kind, string act, string members)
    {
        var due = members.Split(' ');
        Assert.True(Reads(kind, act, due));
        foreach (var missing in due) Assert.False(Reads(kind, act, due.Where(member => member != missing)), $"{act} without {missing}");

        var known = kind == "hub-act" ? new[] { "manifest", "ref", "after", "clock", "due", "step" } : ["finding", "party", "agencies"];
        foreach (var other in known.Except(due)) Assert.False(Reads(kind, act, [.. due, other]), $"{act} with {other}");
    }

    [Fact]
    public void Every_act_is_here() =>
        Assert.Equal(Code.All<HubActCode>().Concat(Code.All<CoordinatorActCode>()).Order(), Acts.Select(act => act.Act).Order());

    [Theory, MemberData(nameof(AllActs))]
    public void No_agency_does_it(string kind, string act, string members) =>
        Assert.False(Reads(kind, act, members.Split(' '), payload => payload["iss"] = "harbour"));

    [Fact]
    public void A_reminder_is_not_overdue() =>
        Assert.False(Reads("hub-act", "overdue", ["ref", "after", "clock", "due", "step"], payload => payload["step"] = "reminder"));

    [Fact]
    public void A_coordinator_does_not_nudge_the_hub() =>
        Assert.False(Reads("coordinator-act", "nudged", ["ref", "after", "by", "party"], payload => payload["party"] = "hub"));

    [Fact]
    public void A_coordinator_names_one_to_five_agencies_each_once_and_not_the_hub()
    {
        Assert.True(Names("a1", "a2", "a3", "a4", "a5"));
        Assert.False(Names("a1", "a2", "a3", "a4", "a5", "a6"));
        Assert.False(Names());
        Assert.False(Names("a1", "a1"));
        Assert.False(Names("a1", "hub"));

        bool Names(params string[] agencies) =>
            Reads("coordinator-act", "alternates", ["ref", "after", "by", "agencies"], payload => payload["agencies"] = new JsonArray([.. agencies.Select(a => (JsonNode)a)]));
    }

    private bool Reads(string kind, string act, IEnumerable<string> members, Action<JsonObject>? change = null)
    {
        var payload = JsonNode.Parse(Head)!.AsObject();
        payload["act"] = act;
        foreach (var member in members) payload[member] = JsonNode.Parse(Values[member]);
        change?.Invoke(payload);
        return SignedStatement.TryRead(Jws.Sign(_key, kind + "+jws", Encoding.ASCII.GetBytes(payload.ToJsonString())).Token, out _);
    }
}
