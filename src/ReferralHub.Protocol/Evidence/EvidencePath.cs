using System.Globalization;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Protocol.Evidence;

/// <summary>The files of a bundle. Spec: docs/protocol.md §5.</summary>
internal static class EvidencePath
{
    public const string Verify = "VERIFY.md";
    public const string AuditCheckpoint = "checkpoints/audit";
    public const string DirectoryCheckpoint = "checkpoints/directory";
    public const string Manifest = "manifest.json";
    public const string ManifestSignature = "manifest.jws";
    public const string TrustPolicy = "trust.policy";

    private const string DirectoryPrefix = "directory/";
    private const string DirectorySuffix = ".jws";
    private const string StatementPrefix = "statements/";
    private const string StatementSuffix = ".jws";
    private const string EventPrefix = "events/";
    private const string EventSuffix = ".json";
    private const string OpeningSuffix = ".opening";
    private const string ProofSuffix = ".tlog-proof";

    public static string Directory(long index) => string.Create(CultureInfo.InvariantCulture, $"{DirectoryPrefix}{index:D6}{DirectorySuffix}");

    public static string Event(long index) => EventStem(index) + EventSuffix;

    public static string Opening(long index) => EventStem(index) + OpeningSuffix;

    public static string Proof(long index) => EventStem(index) + ProofSuffix;

    public static string Statement(Digest id) => $"{StatementPrefix}{id}{StatementSuffix}";

    /// <summary>Whether it is the path of a directory entry.</summary>
    public static bool IsDirectory(string path) =>
        TryCut(path, DirectoryPrefix, DirectorySuffix, out var name)
        && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && path == Directory(index);

    /// <summary>The index in the path of an event, its opening or its proof; false for any other path.</summary>
    public static bool TryReadEvent(string path, out long index)
    {
        index = 0;
        return (TryCut(path, EventPrefix, EventSuffix, out var name)
                || TryCut(path, EventPrefix, OpeningSuffix, out name)
                || TryCut(path, EventPrefix, ProofSuffix, out name))
            && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index)
            && EventStem(index) == EventPrefix + name;
    }

    /// <summary>The id in the path of a statement; false for any other path.</summary>
    public static bool TryReadStatement(string path, out Digest id)
    {
        id = default;
        return TryCut(path, StatementPrefix, StatementSuffix, out var name) && Digest.TryParse(name, out id);
    }

    private static string EventStem(long index) => string.Create(CultureInfo.InvariantCulture, $"{EventPrefix}{index:D12}");

    private static bool TryCut(string path, string prefix, string suffix, out string name)
    {
        // No prefix ends as a suffix begins, so the two never overlap.
        var cuts = path.StartsWith(prefix, StringComparison.Ordinal) && path.EndsWith(suffix, StringComparison.Ordinal);
        name = cuts ? path[prefix.Length..^suffix.Length] : "";
        return cuts;
    }
}
