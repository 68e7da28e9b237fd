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

    private const string EventPrefix = "events/";
    private const string EventSuffix = ".json";

    public static string Directory(long index) => string.Create(CultureInfo.InvariantCulture, $"directory/{index:D6}.jws");

    public static string Event(long index) => EventPart(index) + EventSuffix;

    public static string Opening(long index) => EventPart(index) + ".opening";

    public static string Proof(long index) => EventPart(index) + ".tlog-proof";

    public static string Statement(Digest id) => $"statements/{id}.jws";

    /// <summary>The index in the path of an event; false for any other path.</summary>
    public static bool TryReadEvent(string path, out long index)
    {
        index = 0;
        return path.StartsWith(EventPrefix, StringComparison.Ordinal)
            && path.EndsWith(EventSuffix, StringComparison.Ordinal)
            && long.TryParse(path.AsSpan()[EventPrefix.Length..^EventSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out index)
            && path == Event(index);
    }

    private static string EventPart(long index) => string.Create(CultureInfo.InvariantCulture, $"{EventPrefix}{index:D12}");
}
