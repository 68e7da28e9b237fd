using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Cryptography;

namespace ReferralHub.Tests.Protocol.Statements;

/// <summary>One statement of each kind, and of each act of a kind that has several, signed by npm jose: tests/vectors/statements/kinds.txt.</summary>
public sealed class StatementVectorTests
{
    private static readonly Dictionary<string, (string Id, string Token)> Signed = Encoding.ASCII.GetString(Vectors.Read("statements", "kinds.txt"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(line => line[0], line => (line[1], line[2]));

    public static TheoryData<string> All => [.. Signed.Keys];

    [Theory, MemberData(nameof(All))]
    public void Each_is_read_has_its_id_and_is_signed_byte_for_byte_alike(string name)
    {
        var (id, token) = Signed[name];
        var kind = name.Split('/')[0];
        var payload = (string)JsonNode.Parse(Vectors.Read("statements", "kinds.json"))![name.Replace('/', ' ')]!;
        using var key = Seeded.Key(3);

        Assert.True(SignedStatement.TryRead(token, out var read));
        Assert.Equal((kind, id), (Code.Text(read.Statement.Kind), read.Id.ToString()));
        Assert.True(read.Jws.IsSignedBy(key.VerifyingKey));
        Assert.Equal(token, Jws.Sign(key, kind + "+jws", Encoding.ASCII.GetBytes(payload)).Token);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(payload), JsonNode.Parse(StrictJson.Write(read.Statement))));
    }

    [Fact]
    public void There_is_one_of_each_kind_and_of_each_act()
    {
        Assert.Equal(49, Signed.Count);
        Assert.Equal(Code.All<StatementKind>().Order(), Signed.Keys.Select(name => name.Split('/')[0]).Distinct().Order());
        Assert.Equal(Code.All<HubActCode>().Order(), ActsOf("hub-act"));
        Assert.Equal(Code.All<CoordinatorActCode>().Order(), ActsOf("coordinator-act"));
        Assert.Equal(Code.All<AccessAct>().Order(), ActsOf("access"));
        Assert.Equal(Code.All<HoldAct>().Order(), ActsOf("legal-hold"));
        Assert.Equal(Code.All<ErasureAct>().Order(), ActsOf("erasure-receipt"));
        // Of a handoff's acts the hub does two; all others are a party's.
        string[] hubs = [Code.Text(HandoffAct.Expired), Code.Text(HandoffAct.HandedBack)];
        Assert.Equal(Code.All<HandoffAct>().Except(hubs).Order(), ActsOf("acknowledgement").Concat(ActsOf("sender-act")).Order());
    }

    private static IEnumerable<string> ActsOf(string kind) => Signed.Keys.Where(name => name.StartsWith(kind + "/", StringComparison.Ordinal)).Select(name => name.Split('/')[1]).Order();
}
