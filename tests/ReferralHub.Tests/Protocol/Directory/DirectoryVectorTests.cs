using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>
/// A directory with every event that an agency can have, and entries that must not stand in it, made by npm jose without our
/// code: tests/vectors/directory. Spec: docs/protocol.md §4.2, §6.
/// </summary>
public sealed class DirectoryVectorTests
{
    private static readonly JsonNode Facts = JsonNode.Parse(Vectors.Read("directory", "directory.json"))!;
    private static readonly (string Name, string Payload, byte[] Bytes)[] Entries = [.. Lines("entries.txt").Select(cells => (cells[0], cells[1], Encoding.ASCII.GetBytes(cells[2])))];
    private static readonly (int Size, string Fault, byte[] Bytes)[] Refused = [.. Lines("refused.txt").Select(cells => (int.Parse(cells[0], null), cells[1], Encoding.ASCII.GetBytes(cells[2])))];

    private static readonly AgencyId Police = AgencyId.Parse("north-police"), Harbour = AgencyId.Parse("harbour");

    [Fact]
    public void Every_entry_is_taken_has_its_digest_and_the_tree_over_all_has_its_root()
    {
        var directory = Replay(Entries.Length);
        Assert.Equal((string)Facts["fingerprint"]!, directory.Fingerprint.ToString());
        foreach (var (name, payload, bytes) in Entries)
        {
            Assert.True(CoSigned.TryParse(bytes, out var entry), name);
            Assert.Equal(payload, entry.PayloadDigest.ToString());
            Assert.Equal(bytes, entry.ToArray());
        }

        var tree = new TileTree(0, _ => throw new InvalidOperationException("An empty tree has no tile."));
        Assert.Equal((string)Facts["root"]!, tree.Append([.. Entries.Select(entry => MerkleTree.LeafHash(entry.Bytes))]).Tree.Root.ToString());
    }

    [Fact]
    public void There_is_one_of_each_event_and_each_ends_as_the_rules_say()
    {
        Assert.Equal((16, 18), (Entries.Length, Refused.Length));
        Assert.Equal(
            Code.All<AgencyChangeCode>().Append(Code.Text(AgencyEventCode.Enrol)).Order(),
            Entries.Skip(2).Select(entry => entry.Name.Split(' ', ',')[1]).Distinct().Order());

        var end = Replay(Entries.Length);
        Assert.Equal(AgencyStatus.Closed, end.Find(Police)!.Status);
        Assert.Equal(AgencyStatus.Suspended, Replay(12).Find(Police)!.Status);
        Assert.Equal(AgencyStatus.Active, Replay(13).Find(Police)!.Status);
        // What the agency's keys did after event 1 is void by its recovery, so its second signing key never was its own.
        var signing = end.Find(Police)!.SigningKeys.Select(key => key.Key.Thumbprint).ToList();
        Assert.True(end.IsSuspect(Police, signing[1], 0));
        Assert.True(end.IsSuspect(Police, signing[0], 5));
        Assert.False(end.IsSuspect(Police, signing[0], 4));
        Assert.Equal((Harbour, 1), Assert.Single(end.Conflicts.Select(c => (c.Agency, c.Seq))));
        Assert.Equal(Entries[14].Payload, end.Find(Harbour)!.Last.PayloadDigest.ToString());
    }

    [Fact]
    public void What_breaks_a_rule_is_refused_with_the_first_thing_that_is_wrong()
    {
        foreach (var (size, fault, bytes) in Refused)
        {
            Assert.False(Replay(size).TryAppend(bytes, out _, out var found), $"{fault} at {size}");
            Assert.Equal(fault, Code.Text(found));
        }
    }

    [Fact]
    public void Whoever_has_the_recovery_key_asks_for_the_directory_by_a_request_of_this_form()
    {
        var token = (string)Facts["recoveryRequest"]!;
        Assert.True(CanonicalBase64.Url.TryDecode((string)Facts["recoveryKey"]!, out var raw) && VerifyingKey.TryImport(raw, out var key) && key.Equals(Replay(10).Find(Police)!.Recovery));
        Assert.True(Jws.TryParse(token, out var jws));
        Assert.Equal(RecoveryRequest.Typ, jws.Typ);
        Assert.True(jws.IsSignedBy(Replay(10).Find(Police)!.Recovery));
        Assert.True(StrictJson.TryRead<RecoveryRequest>(jws.Payload.Span, out var asked));
        Assert.Equal(("hub.example", "2026-03-20T08:00:00Z"), (asked.Origin.ToString(), WireTime.Text(asked.IssuedAt)));
    }

    private static AgencyDirectory Replay(int size)
    {
        var fault = DirectoryKit.Begin(Entries[0].Bytes, Digest.TryParse((string)Facts["fingerprint"]!, out var known) ? known : null, out var directory);
        Assert.Null(fault);
        foreach (var (name, _, bytes) in Entries[1..size]) Assert.True(DirectoryKit.Append(ref directory!, bytes) is null, name);
        return directory!;
    }

    private static IEnumerable<string[]> Lines(string file) =>
        Encoding.ASCII.GetString(Vectors.Read("directory", file)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'));
}
