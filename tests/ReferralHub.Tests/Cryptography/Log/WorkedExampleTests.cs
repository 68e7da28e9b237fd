using System.Text;
using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Log;

/// <summary>The worked example of tests/vectors/note-tlog, which Go's x/mod accepts, made again byte for byte.</summary>
public sealed class WorkedExampleTests : IDisposable
{
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly JsonElement _example = JsonDocument.Parse(File("worked-example.json")).RootElement;
    private readonly SigningKey _logKey;
    private readonly SigningKey _witnessKey;
    private readonly NoteSigner _log;
    private readonly NoteSigner _witness;
    private readonly List<byte[]> _entries;
    private readonly TreeGrowth _five;

    public WorkedExampleTests()
    {
        _logKey = SigningKey.Import(Convert.FromHexString(Text("log_seed_hex")));
        _witnessKey = SigningKey.Import(Convert.FromHexString(Text("witness_seed_hex")));
        _log = new("hub.example/audit", NoteKeyType.Log, _logKey);
        _witness = new("witness.example/w1", NoteKeyType.Cosigner, _witnessKey);
        _entries = [.. _example.GetProperty("entries").EnumerateArray().Select(entry => Encoding.ASCII.GetBytes(entry.GetString()!))];
        _five = Tree(5);
    }

    [Fact]
    public void Keys_have_the_ids_and_texts_of_the_example()
    {
        Assert.Equal(Text("log_vkey"), _log.Key.ToString());
        Assert.Equal(Text("witness_vkey"), _witness.Key.ToString());
        Assert.True(NoteKey.TryParse(Text("log_vkey"), out var log) && log.Equals(_log.Key));
        Assert.True(NoteKey.TryParse(Text("witness_vkey"), out var witness) && witness.Equals(_witness.Key));
    }

    [Fact]
    public void Leaves_and_roots_are_those_of_the_example()
    {
        Assert.Equal(Hashes("leaf_hashes"), _entries.Select(entry => MerkleTree.LeafHash(entry)));
        foreach (var root in _example.GetProperty("roots").EnumerateObject())
            Assert.Equal(Hash(root.Value), Tree(int.Parse(root.Name, null)).Tree.Root);
    }

    [Fact]
    public void Tiles_and_bundles_are_those_of_the_example()
    {
        var (tile, hashes) = Assert.Single(_five.Tiles);
        Assert.Equal("tile/0/000.p/5", tile.Path);
        Assert.Equal("tile/entries/000.p/5", tile.EntriesPath);
        Assert.Equal(File("tile-0-000.p-5"), hashes.ToArray());
        Assert.Equal(File("tile-entries-000.p-5"), EntryBundle.Encode([.. _entries.Select(entry => entry.AsMemory())]));
    }

    [Fact]
    public void Proofs_are_those_of_the_example()
    {
        Assert.Equal(Hashes("inclusion_3_of_5"), _five.Tree.InclusionProof(3));
        Assert.Equal(Hashes("consistency_3_to_5"), _five.Tree.ConsistencyProof(3));
    }

    [Fact]
    public void Checkpoints_and_cosignature_are_those_of_the_example()
    {
        Assert.Equal(File("checkpoint.3"), Checkpoint(Tree(3)).Bytes.ToArray());
        Assert.Equal(File("checkpoint.5"), Checkpoint(_five).Cosign(_witness, Then).Bytes.ToArray());
    }

    [Fact]
    public void Receipt_is_that_of_the_example_and_verifies()
    {
        var receipt = TlogProof.From(3, _five.Tree.InclusionProof(3), Checkpoint(_five).Cosign(_witness, Then));
        Assert.Equal(File("entry3.tlog-proof"), receipt.ToArray());

        Assert.True(TlogProof.TryParse(File("entry3.tlog-proof"), out var read));
        Assert.True(read.TryVerify(MerkleTree.LeafHash(File("entry3.leaf")), _log.Key, [_witness.Key], out var checkpoint));
        Assert.Equal(new Checkpoint("hub.example/audit", 5, _five.Tree.Root), checkpoint.Checkpoint);
        Assert.Equal(new Cosignature(_witness.Key, Then), Assert.Single(checkpoint.Cosignatures));
    }

    // C2SP tlog-witness: "old SIZE", a consistency proof, an empty line, the checkpoint; the answer is a line of its note.
    [Fact]
    public void What_the_witness_was_asked_proves_consistency_and_its_answer_completes_the_checkpoint()
    {
        var request = Encoding.UTF8.GetString(File("add-checkpoint.request")).Split("\n\n", 2);
        Assert.Equal("old 3", request[0].Split('\n')[0]);
        var proof = request[0].Split('\n')[1..].Select(line => Digest.From(Convert.FromBase64String(line))).ToList();
        Assert.True(MerkleTree.VerifyConsistency(3, 5, Tree(3).Tree.Root, _five.Tree.Root, proof));

        var asked = Encoding.UTF8.GetBytes(request[1]);
        Assert.True(SignedCheckpoint.TryOpen(asked, _log.Key, [_witness.Key], out var opened) && opened.Cosignatures.Count == 0);
        byte[] answered = [.. asked, .. File("add-checkpoint.response")];
        Assert.Equal(File("checkpoint.5"), answered);
    }

    public void Dispose()
    {
        _logKey.Dispose();
        _witnessKey.Dispose();
    }

    private static byte[] File(string name) => Vectors.Read("note-tlog", name);

    private static Digest Hash(JsonElement base64) => Digest.From(Convert.FromBase64String(base64.GetString()!));

    private string Text(string name) => _example.GetProperty(name).GetString()!;

    private IEnumerable<Digest> Hashes(string name) => _example.GetProperty(name).EnumerateArray().Select(Hash);

    private SignedCheckpoint Checkpoint(TreeGrowth growth) =>
        SignedCheckpoint.Sign(new("hub.example/audit", growth.Tree.Size, growth.Tree.Root), _log);

    private TreeGrowth Tree(int size) =>
        new TileTree(0, _ => throw new InvalidOperationException("An empty tree has no tile."))
            .Append([.. _entries.Take(size).Select(entry => MerkleTree.LeafHash(entry))]);
}
