using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Cryptography;

namespace ReferralHub.Tests.Protocol.Statements;

/// <summary>One statement of each kind, signed by npm jose: tests/vectors/statements/kinds.txt.</summary>
public sealed class StatementVectorTests
{
    private static readonly Dictionary<string, (string Id, string Token)> Signed = Encoding.ASCII.GetString(Vectors.Read("statements", "kinds.txt"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(line => line[0], line => (line[1], line[2]));

    public static TheoryData<string> Kinds => [.. Code.All<StatementKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Each_kind_is_read_has_its_id_and_is_signed_byte_for_byte_alike(string kind)
    {
        var (id, token) = Signed[kind];
        var payload = (string)JsonNode.Parse(Vectors.Read("statements", "kinds.json"))![kind]!;
        using var key = Seeded.Key(3);

        Assert.True(SignedStatement.TryRead(token, out var read));
        Assert.Equal((kind, id), (Code.Text(read.Statement.Kind), read.Id.ToString()));
        Assert.True(read.Jws.IsSignedBy(key.VerifyingKey));
        Assert.Equal(token, Jws.Sign(key, kind + "+jws", Encoding.ASCII.GetBytes(payload)).Token);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(payload), JsonNode.Parse(StrictJson.Write(read.Statement))));
    }

    [Fact]
    public void No_vector_is_of_a_kind_that_is_none() => Assert.Empty(Signed.Keys.Except(Code.All<StatementKind>()));
}
