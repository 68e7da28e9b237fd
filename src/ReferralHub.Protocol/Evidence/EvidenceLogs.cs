using System.Buffers;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>An event that stands in the audit log.</summary>
internal sealed record LoggedEvent(long Index, AuditEvent Event)
{
    public string Path => EvidencePath.Event(Index);
}

/// <summary>The two logs of a bundle, checked: the directory replayed, every event proven.</summary>
internal sealed class EvidenceLogs
{
    private readonly EvidenceArchive _archive;
    private readonly List<Digest> _roots = [MerkleTree.EmptyRoot];
    private readonly List<LoggedEvent> _events = [];
    private readonly List<LoggedEvent> _seams = [];
    private int _number = 1;

    private EvidenceLogs(EvidenceArchive archive) => _archive = archive;

    /// <summary>The directory, to its last entry.</summary>
    public AgencyDirectory Directory { get; private set; } = null!;

    /// <summary>The directory's checkpoint.</summary>
    public SignedCheckpoint DirectoryCheckpoint { get; private set; } = null!;

    /// <summary>The audit log's checkpoint.</summary>
    public SignedCheckpoint AuditCheckpoint { get; private set; } = null!;

    /// <summary>The events, by index.</summary>
    public IReadOnlyList<LoggedEvent> Events => _events;

    /// <summary>The events that opened this log and those before it, newest first; none where the hub was never restored.</summary>
    public IReadOnlyList<LoggedEvent> Seams => _seams;

    /// <summary>Reads both logs; them, or the first thing wrong.</summary>
    public static EvidenceFinding? Open(EvidenceArchive archive, Digest fingerprint, out EvidenceLogs logs)
    {
        logs = new(archive);
        return logs.ReplayDirectory(fingerprint)
            ?? logs.OpenDirectoryCheckpoint()
            ?? logs.CheckTrustPolicy()
            ?? logs.OpenAuditCheckpoint()
            ?? logs.ProveSeams()
            ?? logs.ProveEvents();
    }

    /// <summary>The index that an event had in the audit log that there was when the directory had an entry of that index.</summary>
    public long IndexAt(long index, long entry)
    {
        foreach (var (_, seam) in _seams.TakeWhile(seam => entry < seam.Event.Directory.Size))
        {
            // Where exactly an event stood that came back, nobody can tell any more: the last place that it may have had.
            index = index <= seam.Former!.Kept ? index - 1 : CameBack(index, seam.Former) ? seam.Former.Size - 1 : long.MaxValue;
        }

        return index;
    }

    /// <summary>Whether an event came back from a gateway when the hub was restored.</summary>
    public bool CameBack(long index) => _seams is [var seam, ..] && CameBack(index, seam.Event.Former!);

    /// <summary>Whether a signer can have seen the audit log at that size before the event at <paramref name="index"/>.</summary>
    public bool CanHaveSeen(long size, long index) =>
        size <= index || (_seams is [var newest, ..] && index > newest.Event.Former!.Kept && _seams.Any(seam => size <= seam.Event.Former!.Size));

    /// <summary>Whether the directory was ever in that state.</summary>
    public bool IsDirectory(TreeHead head) => head.Size >= 1 && head.Size <= Directory.Size && head.Root == _roots[(int)head.Size];

    private EvidenceFinding? ReplayDirectory(Digest fingerprint)
    {
        var frontier = new MerkleFrontier();
        for (var i = 0; i < _archive.DirectorySize; i++)
        {
            var path = EvidencePath.Directory(i);
            var entry = _archive[path];
            AgencyDirectory? next;
            DirectoryFault fault;
            if (i == 0 ? !AgencyDirectory.TryBegin(entry, fingerprint, out next, out fault) : !Directory.TryAppend(entry, out next, out fault))
            {
                return i == 0
                    ? new(path, EvidenceFault.Genesis, $"This is not the genesis that the fingerprint promises: {Code.Text(fault)}.")
                    : new(path, EvidenceFault.Directory, $"Entry {i} breaks the directory: {Code.Text(fault)}.");
            }

            Directory = next;
            frontier.Append(MerkleTree.LeafHash(entry));
            _roots.Add(frontier.Root);
        }

        return null;
    }

    private EvidenceFinding? OpenDirectoryCheckpoint()
    {
        var finding = Open(EvidencePath.DirectoryCheckpoint, Directory.Genesis.DirectoryLogKey, EvidenceFault.DirectoryCheckpoint, out var signed);
        if (finding is not null) return finding;
        DirectoryCheckpoint = signed;
        return signed.Checkpoint.Size == Directory.Size && signed.Checkpoint.Root == _roots[^1]
            ? null
            : new(EvidencePath.DirectoryCheckpoint, EvidenceFault.DirectoryCheckpoint, $"The checkpoint is not of these {Directory.Size} directory entries.");
    }

    // Which audit log it is, its checkpoint says; whether that is true is looked at in its turn.
    private EvidenceFinding? CheckTrustPolicy()
    {
        _ = Directory.Genesis.TryOpenAuditCheckpoint(_archive[EvidencePath.AuditCheckpoint], out _, out var number);
        _number = Math.Max(1, number);
        return IsTrustPolicy()
            ? null
            : new(EvidencePath.TrustPolicy, EvidenceFault.TrustPolicy, "The trust policy is not the one that the genesis gives.");
    }

    private bool IsTrustPolicy() =>
        _archive[EvidencePath.TrustPolicy].SequenceEqual(Encoding.ASCII.GetBytes(Directory.Genesis.TrustPolicyOf(_number)));

    private EvidenceFinding? OpenAuditCheckpoint()
    {
        var finding = Open(EvidencePath.AuditCheckpoint, Directory.Genesis.AuditLogKeyOf(_number), EvidenceFault.AuditCheckpoint, out var signed);
        AuditCheckpoint = signed;
        return finding;
    }

    private EvidenceFinding? Open(string path, NoteKey log, EvidenceFault fault, out SignedCheckpoint signed)
    {
        if (!SignedCheckpoint.TryOpen(_archive[path], log, [Directory.Genesis.CosignerKey], out var opened))
        {
            signed = null!;
            return new(path, fault, $"This is no checkpoint that {log.Name} signed.");
        }

        signed = opened;
        return opened.Cosignatures.Count == 1 ? null : new(path, fault, "The hub's cosigner did not sign this checkpoint.");
    }

    // Of log n: the first event opened it, the second is what was the first of log n-1, and so on.
    private EvidenceFinding? ProveSeams()
    {
        for (var index = 0; index < _number - 1; index++)
        {
            var path = EvidencePath.Event(index);
            if (!_archive.Events.Contains(index)) return new(path, EvidenceFault.FileMissing, "A log that a restored hub opened begins with the event of that, which is not here.");
            if (Prove(index, out var seam) is { } finding) return finding;
            if (seam.Event != AuditEventCode.LogOpened || seam.Former?.Origin != Directory.Genesis.Origin.AuditLogOf(_number - 1 - index))
                return new(path, EvidenceFault.Seam, $"This does not open the log after {Directory.Genesis.Origin.AuditLogOf(_number - 1 - index)}.");
            _seams.Add(new(index, seam));
        }

        return null;
    }

    private EvidenceFinding? ProveEvents()
    {
        foreach (var index in _archive.Events.Skip(_seams.Count))
        {
            if (Prove(index, out var read) is { } finding) return finding;
            if (_events is [.., var last] && (read.At < last.Event.At || read.Directory.Size < last.Event.Directory.Size))
                return new(EvidencePath.Event(index), EvidenceFault.EventOrder, $"This event goes back behind event {last.Index}, in time or in the directory.");
            if (read.Former is not null) return new(EvidencePath.Event(index), EvidenceFault.Seam, "This event opens no log.");
            _events.Add(new(index, read));
        }

        return null;
    }

    private EvidenceFinding? Prove(long index, out AuditEvent happened)
    {
        happened = null!;
        var path = EvidencePath.Event(index);
        var bytes = _archive[path];
        if (!AuditEvent.TryRead(bytes, out var read))
            return new(path, EvidenceFault.EventMalformed, "This is no event in its exact form.");
        if (!TryReadOpening(_archive[EvidencePath.Opening(index)], out var opening))
            return new(EvidencePath.Opening(index), EvidenceFault.EventMalformed, "An opening is 64 lowercase hexadecimal digits and a line feed.");
        if (!TlogProof.TryParse(_archive[EvidencePath.Proof(index)], out var proof))
            return new(EvidencePath.Proof(index), EvidenceFault.EventMalformed, "This is no tlog-proof in its exact form.");

        if (proof.Index != index || !proof.Note.Span.SequenceEqual(_archive[EvidencePath.AuditCheckpoint]))
            return new(EvidencePath.Proof(index), EvidenceFault.EventNotLogged, "This proves another position or against another checkpoint.");
        var (size, root) = (AuditCheckpoint.Checkpoint.Size, AuditCheckpoint.Checkpoint.Root);
        if (!MerkleTree.VerifyInclusion(index, size, MerkleTree.LeafHash(Commitment.Leaf(read.CoarseType, opening, bytes)), proof.Hashes, root))
            return new(path, EvidenceFault.EventNotLogged, $"The audit log does not hold this event, with this opening, at position {index}.");

        if (!IsDirectory(read.Directory))
            return new(path, EvidenceFault.EventDirectory, $"The directory never had {read.Directory.Size} entries with this root.");
        happened = read;
        return null;
    }

    private static bool CameBack(long index, FormerLog former) => index > former.Kept && index <= former.Kept + former.Returned;

    private static bool TryReadOpening(ReadOnlySpan<byte> text, out byte[] opening)
    {
        opening = new byte[Commitment.OpeningSize];
        return text.Length == 2 * opening.Length + 1
            && Convert.FromHexString(text[..^1], opening, out _, out _) == OperationStatus.Done
            && text.SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(opening) + "\n"));
    }
}
