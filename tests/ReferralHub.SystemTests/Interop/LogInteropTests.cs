using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.SystemTests.Interop;

/// <summary>Go's x/mod on what our logs publish: notes, checkpoints, cosignatures, inclusion and consistency.</summary>
[Trait("group", "interop")]
public sealed class LogInteropTests : IDisposable
{
    private const string Origin = "hub.example/audit";

    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly TemporaryFolder _folder = new();
    private readonly SigningKey _logKey = SigningKey.Import(Drawn.Bytes("log key", SigningKey.SeedSize));
    private readonly SigningKey _cosignerKey = SigningKey.Import(Drawn.Bytes("cosigner key", SigningKey.SeedSize));
    private readonly NoteSigner _log;
    private readonly NoteSigner _cosigner;

    public LogInteropTests()
    {
        _log = new(Origin, NoteKeyType.Log, _logKey);
        _cosigner = new("hub.example/cosigner", NoteKeyType.Cosigner, _cosignerKey);
    }

    public void Dispose()
    {
        _logKey.Dispose();
        _cosignerKey.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Seed => [Drawn.Seed];

    [Fact]
    public async Task Go_makes_the_worked_example_of_the_vectors_byte_for_byte()
    {
        var kept = Checkout.Path("tests", "vectors", "note-tlog");
        await Peers.MakeLogExample(Path.Combine(kept, "make.go"), _folder.Path);
        var files = Directory.GetFiles(kept).Where(file => Path.GetExtension(file) != ".go").ToList();
        Assert.Equal(10, files.Count);
        foreach (var file in files)
            Assert.Equal(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(_folder.File(Path.GetFileName(file)), TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Seed))]
    public async Task Go_finds_what_every_receipt_and_consistency_proof_says(string seed)
    {
        var (folders, expected) = (new List<string>(), new List<string>());
        for (var sample = 0; sample < 40; sample++)
        {
            var size = 1 + Drawn.Number($"{seed} size {sample}", sample < 20 ? 20 : 2000);
            var (index, older) = (Drawn.Number($"{seed} index {sample}", size), 1 + Drawn.Number($"{seed} older {sample}", size));
            folders.Add(Publish($"log {sample}", size, index, older));
            expected.Add($"ok {index} {older} {size}");
        }

        Assert.Equal(expected, await Verify(folders));
    }

    [Fact]
    public async Task Go_refuses_every_line_that_was_changed()
    {
        var good = Publish("good", size: 1500, index: 700, older: 1000);
        var folders = new List<string>();
        foreach (var file in Directory.GetFiles(good))
        {
            var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
            for (var line = 0; line < lines.Length; line++)
            {
                if (lines[line].Length > 0) folders.Add(Changed(good, Path.GetFileName(file), lines, line));
            }
        }

        Assert.Equal(["ok 700 1000 1500"], await Verify([good]));
        Assert.InRange(folders.Count, 30, 60);
        Assert.All(await Verify(folders), verdict => Assert.StartsWith("refused: ", verdict, StringComparison.Ordinal));
    }

    // The 20th letter of the last word, or its last: of a signature, a letter of the signature itself, not of the key id.
    private string Changed(string good, string name, string[] lines, int line)
    {
        var folder = Directory.CreateDirectory(_folder.File($"{name} {line}")).FullName;
        foreach (var file in Directory.GetFiles(good)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var at = lines[line].LastIndexOf(' ') is var space && lines[line].Length > space + 20 ? space + 20 : lines[line].Length - 1;
        var other = lines[line][at] == '1' ? '2' : '1';
        var changed = lines.ToArray();
        changed[line] = lines[line][..at] + other + lines[line][(at + 1)..];
        File.WriteAllText(Path.Combine(folder, name), string.Join('\n', changed) + '\n');
        return folder;
    }

    private Task<string[]> Verify(List<string> folders) =>
        Peers.VerifyLog(_log.Key.ToString(), _cosigner.Key.ToString(), _folder.Path, [.. folders]);

    private string Publish(string name, int size, int index, int older)
    {
        byte[][] entries = [.. Enumerable.Range(0, size).Select(i => Encoding.ASCII.GetBytes($"{name} entry {i}"))];
        var first = Grow(new(0, _ => throw new InvalidOperationException("An empty tree has no tile.")), entries[..older]);
        var tree = Grow(first, entries[older..]);
        var checkpoint = Sign(tree).Cosign(_cosigner, Then.AddSeconds(index));

        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, "entry"), entries[index]);
        File.WriteAllBytes(Path.Combine(folder, "entry.tlog-proof"), TlogProof.From(index, tree.InclusionProof(index), checkpoint).ToArray());
        File.WriteAllBytes(Path.Combine(folder, "checkpoint.older"), Sign(first).Bytes.ToArray());
        File.WriteAllLines(
            Path.Combine(folder, "consistency"), tree.ConsistencyProof(older).Select(hash => CanonicalBase64.Padded.Encode(hash.AsSpan())));
        return folder;
    }

    private static TileTree Grow(TileTree tree, byte[][] entries) =>
        tree.Append([.. entries.Select(entry => MerkleTree.LeafHash(entry))]).Tree;

    private SignedCheckpoint Sign(TileTree tree) => SignedCheckpoint.Sign(new(Origin, tree.Size, tree.Root), _log);
}
