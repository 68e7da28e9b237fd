using System.Text;
using ReferralHub.Cryptography.Log;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Fuzz.Targets;

internal static class LogTargets
{
    private static readonly byte[][] NoteWords = Seeds.Words("\n\n", "— ", "\n— ", "hub.example/audit", " ", "\u00a0", "\ufeff", "AAAAAA==", "index ");

    private static Story Story => Seeds.Story;

    private static NoteKey Log => new(Story.Genesis.Origin.AuditLog, NoteKeyType.Log, Story.Key("audit log").VerifyingKey);

    private static NoteKey Cosigner => new(Story.Genesis.Origin.Cosigner, NoteKeyType.Cosigner, Story.Key("cosigner").VerifyingKey);

    /// <summary>Notes and checkpoints have one spelling, and only a state that the log signed opens.</summary>
    public static Target Checkpoint()
    {
        var genuine = Story.Contents().AuditCheckpoint;
        var (log, cosigner) = (Log, Cosigner);
        return new(
            "checkpoint",
            [genuine.Bytes.ToArray(), Seeds.Vector("note-tlog/checkpoint.3"), Seeds.Vector("note-tlog/checkpoint.5")],
            input =>
            {
                if (SignedCheckpoint.TryOpen(input, log, [cosigner], out var opened))
                {
                    OracleException.Same(opened.Bytes.Span, input, "checkpoint");
                    OracleException.Require(opened.Checkpoint == genuine.Checkpoint, "a state opens that the log never signed");
                }

                if (!Note.TryParse(input, out var note)) return false;
                OracleException.Same(note.ToArray(), input, "note");
                if (Cryptography.Log.Checkpoint.TryParse(note.Text, out var state)) OracleException.Same(state.ToText(), note.Text, "state");
                return true;
            })
        { Words = NoteWords };
    }

    /// <summary>A receipt has one spelling, and only the genuine one proves its leaf.</summary>
    public static Target Proof()
    {
        var contents = Story.Contents();
        var proofs = contents.Events.Select(e => TlogProof.From(e.Index, e.Proof, contents.AuditCheckpoint)).ToList();
        var first = contents.Events[0];
        var leaf = MerkleTree.LeafHash(Commitment.Leaf(Story.Logged.ElementAt((int)first.Index).CoarseType, first.Opening.ToArray(), first.Bytes.ToArray()));
        var (log, cosigner) = (Log, Cosigner);
        OracleException.Require(proofs[0].TryVerify(leaf, log, [cosigner], out _), "the story's first receipt does not verify");
        return new("tlog-proof", [.. proofs.Select(p => p.ToArray()), Seeds.Vector("note-tlog/entry3.tlog-proof")], input =>
        {
            if (!TlogProof.TryParse(input, out var proof)) return false;
            OracleException.Same(proof.ToArray(), input, "receipt");
            if (proof.TryVerify(leaf, log, [cosigner], out _))
                OracleException.Require(proof.Index == proofs[0].Index && proof.Hashes.SequenceEqual(proofs[0].Hashes), "another proof proves the leaf");
            return true;
        })
        { Words = NoteWords };
    }

    /// <summary>Paths of tiles, and bundles of entries, whose first byte is here their width less one.</summary>
    public static Target Tiles() => new(
        "tile",
        [
            .. Seeds.Words("tile/0/000", "tile/7/000.p/3", "tile/1/x001/x234/067.p/255", "tile/entries/000", "tile/entries/x036/x028/x797/x018/963.p/1"),
            [4, .. Seeds.Vector("note-tlog/tile-entries-000.p-5")],
            [1, .. EntryBundle.Encode([new byte[300], new byte[3]])],
        ],
        input =>
        {
            var path = Encoding.UTF8.GetString(input);
            if (Tile.TryParsePath(path, out var tile)) OracleException.Require(tile.Path == path, "path of a tile");
            if (Tile.TryParseEntriesPath(path, out var bundle)) OracleException.Require(bundle.EntriesPath == path, "path of a bundle");
            if (tile != default || bundle != default) return true;
            if (input.Length == 0 || !EntryBundle.TryDecode(input.AsMemory(1), input[0] + 1, out var entries)) return false;
            OracleException.Same(EntryBundle.Encode(entries), input.AsSpan(1), "bundle");
            return true;
        })
    { Words = Seeds.Words("tile/", "entries/", "x000/", ".p/", "/", "..", "x", "+1", "\u0663") };
}
