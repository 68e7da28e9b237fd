using System.Text;
using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>What a collection is about and which bundles it has: <c>index.json</c>. Spec: docs/protocol.md §5.1.</summary>
public sealed record EvidenceIndex
{
    /// <summary>Every referral has each of these as a party: none, one or two.</summary>
    public required IReadOnlyList<AgencyId> Agencies { get; init; }

    /// <summary>No referral was sent before; absent: from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>First second that is too late; absent: to the end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The bundles, each once, in the order in which the referrals were sent.</summary>
    public required IReadOnlyList<EvidenceIndexEntry> Bundles { get; init; }

    internal bool IsWellFormed =>
        Agencies.Count <= 2 && Agencies.Distinct().Count() == Agencies.Count && !(Until <= From)
        && Bundles.DistinctBy(entry => entry.Referral).Count() == Bundles.Count;

    internal bool Has(EvidenceStory story) =>
        Agencies.All(agency => agency == story.Sender || agency == story.Recipient)
        && !(story.Sent < From) && !(story.Sent >= Until);
}

/// <summary>One bundle of a collection.</summary>
/// <param name="Referral">What it is about; its file is <c>REF.zip</c>.</param>
/// <param name="Manifest">SHA-256 of its <c>manifest.json</c>.</param>
public sealed record EvidenceIndexEntry([property: JsonPropertyName("ref")] Guid Referral, Digest Manifest);

/// <summary>What a folder is worth.</summary>
/// <param name="Finding">The first thing wrong, or null.</param>
/// <param name="Index">What it is about; null if that is wrong.</param>
/// <param name="Stories">What each bundle proves, up to the first thing wrong.</param>
public sealed record EvidenceFolderReport(EvidenceFinding? Finding, EvidenceIndex? Index, IReadOnlyList<EvidenceStory> Stories);

/// <summary>
/// Evidence about many referrals: those of an agency, of two, of a period. A folder of bundles with an index that the hub
/// signs, so that it stands by what it left out as well. Spec: docs/protocol.md §5.1.
/// </summary>
public static class EvidenceFolder
{
    /// <summary>The file with entry 0 of the directory.</summary>
    public const string Genesis = "genesis.jws";

    /// <summary>The file with the <see cref="EvidenceIndex"/>.</summary>
    public const string Index = "index.json";

    /// <summary>The file with the hub's signature over it.</summary>
    public const string Signature = "index.jws";

    /// <summary>The file of a bundle.</summary>
    public static string Bundle(Guid referral) => WireId.Text(referral) + ".zip";

    /// <summary>Makes the two files that bind the bundles together.</summary>
    /// <param name="index">What the collection is about, and the bundles.</param>
    /// <param name="heads">The logs as the hub last saw them.</param>
    /// <param name="hub">The key that genesis names as the hub's; stays the caller's.</param>
    /// <param name="now">The hub's time; whole seconds are kept.</param>
    /// <returns>The bytes of <see cref="Index"/> and of <see cref="Signature"/>.</returns>
    /// <exception cref="ArgumentException">The index contradicts itself.</exception>
    public static (byte[] Index, byte[] Signature) Sign(EvidenceIndex index, (TreeHead Directory, TreeHead AuditLog) heads, SigningKey hub, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (!index.IsWellFormed) throw new ArgumentException("This index breaks docs/protocol.md §5.1.", nameof(index));
        var bytes = StrictJson.Write(index);
        var act = SignedStatement.Sign(hub, new HubAct
        {
            Issuer = AgencyId.Hub,
            IssuedAt = now,
            Directory = heads.Directory,
            AuditLog = heads.AuditLog,
            Act = HubActCode.EvidenceIndex,
            Manifest = Digest.Of(bytes),
        });
        return (bytes, Encoding.ASCII.GetBytes(act.Jws.Token));
    }

    /// <summary>Checks a collection against nothing but F, one bundle after the other.</summary>
    /// <param name="read">Gives a file of the folder, null where there is none. Called anew each time one is needed.</param>
    /// <param name="fingerprint">F, from where the reader trusts it.</param>
    public static EvidenceFolderReport Check(Func<string, byte[]?> read, Digest fingerprint)
    {
        ArgumentNullException.ThrowIfNull(read);
        var stories = new List<EvidenceStory>();
        if (CheckIndex(read, fingerprint, out var index) is { } wrong) return new(wrong, null, stories);
        foreach (var entry in index.Bundles)
        {
            var path = Bundle(entry.Referral);
            if (read(path) is not { } zip)
                return new(new(path, EvidenceFault.FileMissing, "The index lists this bundle, which is not here."), index, stories);
            var report = EvidenceCheck.Run(zip, fingerprint, out var manifest);
            if (report.Finding is { } finding) return new(finding with { Path = $"{path}/{finding.Path}" }, index, stories);
            if (manifest != entry.Manifest || report.Story!.Referral != entry.Referral)
                return new(new(path, EvidenceFault.ManifestDiffers, "This is not the bundle that the index lists."), index, stories);
            if (!index.Has(report.Story))
                return new(new(path, EvidenceFault.StatementForeign, "This referral is not one that the index is about."), index, stories);
            stories.Add(report.Story);
        }

        return new(null, index, stories);
    }

    private static EvidenceFinding? CheckIndex(Func<string, byte[]?> read, Digest fingerprint, out EvidenceIndex index)
    {
        index = null!;
        foreach (var path in (string[])[Genesis, Index, Signature])
        {
            if (read(path) is null) return new(path, EvidenceFault.FileMissing, "This file must be there and is not.");
        }

        if (!AgencyDirectory.TryBegin(read(Genesis), fingerprint, out var directory, out var fault))
            return new(Genesis, EvidenceFault.Genesis, $"This is not the genesis that the fingerprint promises: {Code.Text(fault)}.");
        var bytes = read(Index)!;
        if (!StrictJson.TryRead<EvidenceIndex>(bytes, out var listed) || !listed.IsWellFormed)
            return new(Index, EvidenceFault.ManifestMalformed, "This is no index in its exact form.");
        if (!SignedStatement.TryRead(read(Signature), out var signed)
            || signed.Statement is not HubAct { Act: HubActCode.EvidenceIndex } act || act.Manifest != Digest.Of(bytes)
            || directory.FindKey(AgencyId.Hub, signed.Jws.Kid, directory.Size) is not { } key || !signed.Jws.IsSignedBy(key))
        {
            return new(Signature, EvidenceFault.ManifestSignature, "The hub did not sign this index.");
        }

        index = listed;
        return null;
    }
}
