using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>An event of the audit log with what proves it.</summary>
/// <param name="Bytes">The event, byte for byte as committed to.</param>
/// <param name="Opening">Its opening, 32 bytes.</param>
/// <param name="Index">Its position in the audit log, from 0.</param>
/// <param name="Proof">Its inclusion proof in the tree of the bundle's audit checkpoint.</param>
public sealed record EvidenceEvent(ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Opening, long Index, IReadOnlyList<Digest> Proof);

/// <summary>What a bundle is made of. Nothing is copied. Spec: docs/protocol.md §5.</summary>
/// <param name="DirectoryEntries">Every entry of the directory log up to <paramref name="DirectoryCheckpoint"/>, genesis first.</param>
/// <param name="DirectoryCheckpoint">A cosigned checkpoint, at least as large as the directory of every event.</param>
/// <param name="AuditCheckpoint">A cosigned checkpoint that covers every event.</param>
/// <param name="Events">
/// In any order: every event about the referral up to <paramref name="AuditCheckpoint"/>, that which recorded its consent,
/// those that recorded both sides of its agreement, and those that opened this log and the ones before it.
/// </param>
/// <param name="Statements">In any order: each statement that one of the events records, once.</param>
public sealed record EvidenceContents(
    IReadOnlyList<ReadOnlyMemory<byte>> DirectoryEntries,
    SignedCheckpoint DirectoryCheckpoint,
    SignedCheckpoint AuditCheckpoint,
    IReadOnlyList<EvidenceEvent> Events,
    IReadOnlyList<SignedStatement> Statements);

/// <summary>
/// Evidence about one referral, which anybody who knows F can check offline (<see cref="EvidenceCheck"/>). It holds no
/// sealed part. Immutable. Spec: docs/protocol.md §5.
/// </summary>
public sealed class EvidenceBundle
{
    /// <summary>The largest bundle in bytes: 64 MiB.</summary>
    public const int MaxSize = StoredZip.MaxSize;

    /// <summary>The most files in a bundle.</summary>
    public const int MaxFiles = StoredZip.MaxEntries;

    private readonly IReadOnlyList<ZipEntry> _entries;

    private EvidenceBundle(IReadOnlyList<ZipEntry> entries, Digest manifest)
    {
        (_entries, Manifest) = (entries, manifest);
        Size = StoredZip.SizeOf(entries);
    }

    /// <summary>SHA-256 of <c>manifest.json</c>: what the hub signed, and what its event about the export names.</summary>
    public Digest Manifest { get; }

    /// <summary>Length of <c>evidence.zip</c> in bytes, at most <see cref="MaxSize"/>.</summary>
    public long Size { get; }

    /// <summary>Makes a bundle and signs its manifest as the hub.</summary>
    /// <param name="contents">What it holds. That it proves what it shows is the caller's care and the reader's check.</param>
    /// <param name="hub">The key that genesis names as the hub's; stays the caller's.</param>
    /// <param name="now">The hub's time; whole seconds are kept.</param>
    /// <exception cref="ArgumentException">
    /// The directory entries are not as many as the directory's checkpoint has or do not begin with a genesis, an event lies
    /// outside the audit checkpoint or has an opening of another length, a file would be there twice, or the bundle would
    /// exceed <see cref="MaxSize"/> or <see cref="MaxFiles"/>.
    /// </exception>
    public static EvidenceBundle Make(EvidenceContents contents, SigningKey hub, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(contents);
        var files = Files(contents).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        var manifest = StrictJson.Write(files.ToDictionary(file => file.Path, file => Digest.Of(file.Content.Span)));
        var digest = Digest.Of(manifest);
        var act = SignedStatement.Sign(hub, new HubAct
        {
            Issuer = AgencyId.Hub,
            IssuedAt = now,
            Directory = Head(contents.DirectoryCheckpoint),
            AuditLog = Head(contents.AuditCheckpoint),
            Act = HubActCode.Evidence,
            Manifest = digest,
        });

        files.Add(new(EvidencePath.Manifest, manifest));
        files.Add(Text(EvidencePath.ManifestSignature, act.Jws.Token));
        ZipEntry[] entries = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        if (!StoredZip.IsWellFormed(entries)) throw new ArgumentException("The bundle would be too large.", nameof(contents));
        return new(entries, digest);
    }

    /// <summary>Writes <c>evidence.zip</c>. May be called again, and gives the same bytes each time.</summary>
    /// <param name="destination">Where to; neither flushed nor closed.</param>
    /// <param name="cancel">Stops between two files.</param>
    public async Task WriteToAsync(Stream destination, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(destination);
        foreach (var piece in StoredZip.Write(_entries)) await destination.WriteAsync(piece, cancel).ConfigureAwait(false);
    }

    private static IEnumerable<ZipEntry> Files(EvidenceContents contents)
    {
        if (contents.DirectoryEntries.Count != contents.DirectoryCheckpoint.Checkpoint.Size)
            throw new ArgumentException($"{contents.DirectoryEntries.Count} entries are not those of {contents.DirectoryCheckpoint.Checkpoint}.", nameof(contents));
        if (contents.DirectoryEntries is not [var genesis, ..] || !AgencyDirectory.TryBegin(genesis.Span, null, out var directory, out _))
            throw new ArgumentException("The first directory entry is no genesis.", nameof(contents));

        yield return Text(EvidencePath.Verify, VerifyPage.Text);
        _ = directory.Genesis.TryOpenAuditCheckpoint(contents.AuditCheckpoint.Bytes.Span, out _, out var log); // whether it holds is the reader's check
        yield return Text(EvidencePath.TrustPolicy, directory.Genesis.TrustPolicyOf(Math.Max(1, log)));
        yield return new(EvidencePath.AuditCheckpoint, contents.AuditCheckpoint.Bytes);
        yield return new(EvidencePath.DirectoryCheckpoint, contents.DirectoryCheckpoint.Bytes);

        for (var i = 0; i < contents.DirectoryEntries.Count; i++)
            yield return new(EvidencePath.Directory(i), contents.DirectoryEntries[i]);

        foreach (var each in contents.Events)
        {
            if (each.Opening.Length != Commitment.OpeningSize)
                throw new ArgumentException($"Event {each.Index} has an opening of {each.Opening.Length} bytes.", nameof(contents));
            yield return new(EvidencePath.Event(each.Index), each.Bytes);
            yield return Text(EvidencePath.Opening(each.Index), Convert.ToHexStringLower(each.Opening.Span) + "\n");
            yield return new(EvidencePath.Proof(each.Index), TlogProof.From(each.Index, each.Proof, contents.AuditCheckpoint).ToArray());
        }

        foreach (var statement in contents.Statements)
            yield return Text(EvidencePath.Statement(statement.Id), statement.Jws.Token);
    }

    private static TreeHead Head(SignedCheckpoint signed) => new(signed.Checkpoint.Size, signed.Checkpoint.Root);

    private static ZipEntry Text(string path, string text) => new(path, Encoding.ASCII.GetBytes(text));
}
