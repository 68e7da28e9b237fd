using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>What a bundle is worth: its story if all of it holds, else the first thing wrong.</summary>
/// <param name="Finding">The first thing wrong, or null.</param>
/// <param name="Story">What it proves, or null.</param>
public sealed record EvidenceReport(EvidenceFinding? Finding, EvidenceStory? Story);

/// <summary>
/// Checks a bundle against nothing but F: pure, offline, total on hostile input. It believes neither the hub nor who handed
/// the bundle over, and does again everything that the hub says it did. Spec: docs/protocol.md §5, in this order.
/// </summary>
public static class EvidenceCheck
{
    /// <summary>Checks a bundle.</summary>
    /// <param name="zip">The bytes of <c>evidence.zip</c>, from anywhere; not copied, so not to be changed meanwhile.</param>
    /// <param name="fingerprint">F: SHA-256 of the hub's genesis, from where the reader trusts it and never from the bundle.</param>
    public static EvidenceReport Run(ReadOnlyMemory<byte> zip, Digest fingerprint) => Run(zip, fingerprint, out _);

    // The digest is that of the manifest of a bundle that holds, and null of any other.
    internal static EvidenceReport Run(ReadOnlyMemory<byte> zip, Digest fingerprint, out Digest? manifest)
    {
        EvidenceStory? story = null;
        var finding = EvidenceArchive.Open(zip, out var archive)
            ?? EvidenceLogs.Open(archive, fingerprint, out var logs)
            ?? EvidenceActs.Open(archive, logs, out var acts)
            ?? EvidenceReplay.Run(logs, acts, out story)
            ?? CheckSignature(archive, logs);
        manifest = finding is null ? archive.ManifestDigest : null;
        return finding is null ? new(null, story) : new(finding, null);
    }

    private static EvidenceFinding? CheckSignature(EvidenceArchive archive, EvidenceLogs logs)
    {
        var (directory, audit) = (logs.DirectoryCheckpoint.Checkpoint, logs.AuditCheckpoint.Checkpoint);
        return SignedStatement.TryRead(archive[EvidencePath.ManifestSignature], out var signed)
            && signed.Statement is HubAct { Act: HubActCode.Evidence } act
            && act.Manifest == archive.ManifestDigest
            && act.Directory == new TreeHead(directory.Size, directory.Root)
            && act.AuditLog == new TreeHead(audit.Size, audit.Root)
            && logs.Directory.FindKey(AgencyId.Hub, signed.Jws.Kid, directory.Size) is { } key
            && signed.Jws.IsSignedBy(key)
            ? null
            : new(EvidencePath.ManifestSignature, EvidenceFault.ManifestSignature, "The hub did not sign this manifest with these checkpoints.");
    }
}
