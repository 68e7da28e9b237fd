using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>The files of a bundle, read: each in its place, none missing, each with the digest that the manifest lists.</summary>
internal sealed class EvidenceArchive
{
    private static readonly string[] Fixed =
    [
        EvidencePath.Verify, EvidencePath.AuditCheckpoint, EvidencePath.DirectoryCheckpoint, EvidencePath.Directory(0),
        EvidencePath.Manifest, EvidencePath.ManifestSignature, EvidencePath.TrustPolicy,
    ];

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _files;
    private readonly SortedSet<long> _events = [];
    private readonly List<Digest> _statements = [];

    private EvidenceArchive(Dictionary<string, ReadOnlyMemory<byte>> files) => _files = files;

    /// <summary>Number of directory entries.</summary>
    public int DirectorySize { get; private set; }

    /// <summary>Indexes of the events, ascending.</summary>
    public IReadOnlyCollection<long> Events => _events;

    /// <summary>Ids that the statements' paths name, ascending.</summary>
    public IReadOnlyList<Digest> Statements => _statements;

    /// <summary>A file that is known to be there.</summary>
    public ReadOnlySpan<byte> this[string path] => _files[path].Span;

    /// <summary>SHA-256 of the manifest.</summary>
    public Digest ManifestDigest => Digest.Of(this[EvidencePath.Manifest]);

    /// <summary>Reads a bundle; the archive, or the first thing wrong with it.</summary>
    public static EvidenceFinding? Open(ReadOnlyMemory<byte> zip, out EvidenceArchive archive)
    {
        archive = new([]);
        if (!StoredZip.TryRead(zip, out var entries, out var suspect))
        {
            return new(suspect, EvidenceFault.Archive, "The archive's bytes are not what writing its files again gives; it was damaged or repacked.");
        }

        archive = new(entries.ToDictionary(entry => entry.Path, entry => entry.Content, StringComparer.Ordinal));
        return archive.CheckManifest() ?? archive.CheckPlaces(entries);
    }

    private EvidenceFinding? CheckManifest()
    {
        if (!_files.TryGetValue(EvidencePath.Manifest, out var bytes)) return Missing(EvidencePath.Manifest);
        if (!StrictJson.TryRead<Dictionary<string, Digest>>(bytes.Span, out var listed))
            return new(EvidencePath.Manifest, EvidenceFault.ManifestMalformed, "The manifest is not a list of files and their SHA-256.");

        var unsigned = _files.Keys.Where(path => path is not (EvidencePath.Manifest or EvidencePath.ManifestSignature));
        foreach (var path in listed.Keys.Union(unsigned).Order(StringComparer.Ordinal))
        {
            if (!_files.TryGetValue(path, out var content))
                return new(EvidencePath.Manifest, EvidenceFault.FileMissing, $"The manifest lists {path}, which is not here.");
            if (!listed.TryGetValue(path, out var digest))
                return new(path, EvidenceFault.FileUnexpected, "The manifest does not list this file.");
            if (Digest.Of(content.Span) != digest)
                return new(path, EvidenceFault.ManifestDiffers, "This is not the file that the manifest lists.");
        }

        return null;
    }

    private EvidenceFinding? CheckPlaces(IReadOnlyList<ZipEntry> entries)
    {
        foreach (var path in Fixed)
        {
            if (!_files.ContainsKey(path)) return Missing(path);
        }

        if (!this[EvidencePath.Verify].SequenceEqual(Encoding.ASCII.GetBytes(VerifyPage.Text)))
            return new(EvidencePath.Verify, EvidenceFault.PageDiffers, "This page does not say what it says in every bundle.");

        foreach (var entry in entries)
        {
            if (EvidencePath.TryReadEvent(entry.Path, out var index)) _events.Add(index);
            else if (EvidencePath.TryReadStatement(entry.Path, out var id)) _statements.Add(id);
            else if (EvidencePath.IsDirectory(entry.Path)) DirectorySize++;
        }

        var expected = Enumerable.Range(0, DirectorySize).Select(i => EvidencePath.Directory(i))
            .Concat(_events.SelectMany(i => (string[])[EvidencePath.Event(i), EvidencePath.Opening(i), EvidencePath.Proof(i)]))
            .Concat(_statements.Select(EvidencePath.Statement))
            .Concat(Fixed)
            .ToHashSet(StringComparer.Ordinal);

        if (expected.Where(path => !_files.ContainsKey(path)).Min(StringComparer.Ordinal) is { } missing) return Missing(missing);
        return entries.FirstOrDefault(entry => !expected.Contains(entry.Path)) is { } unexpected
            ? new(unexpected.Path, EvidenceFault.FileUnexpected, "This file has no place in a bundle.")
            : null;
    }

    private static EvidenceFinding Missing(string path) => new(path, EvidenceFault.FileMissing, "This file must be there and is not.");
}
