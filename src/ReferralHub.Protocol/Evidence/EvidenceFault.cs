using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>What can be wrong with a bundle, in the order in which it is looked for. Spec: docs/protocol.md §5.</summary>
public enum EvidenceFault
{
    /// <summary>Not the one archive of its files: damaged, padded, compressed, reordered, too large.</summary>
    Archive,

    /// <summary>A file that must be there is not.</summary>
    FileMissing,

    /// <summary>A file that has no place in a bundle, or not in this one.</summary>
    FileUnexpected,

    /// <summary>The manifest is no list of digests.</summary>
    ManifestMalformed,

    /// <summary>A file is not the one that the manifest lists.</summary>
    ManifestDiffers,

    /// <summary>The constant page is another.</summary>
    PageDiffers,

    /// <summary>Entry 0 is not the genesis that F promises.</summary>
    Genesis,

    /// <summary>A directory entry breaks a rule of its replay.</summary>
    Directory,

    /// <summary>The directory's checkpoint is not signed, not cosigned, or not of these entries.</summary>
    DirectoryCheckpoint,

    /// <summary>The trust policy is not that of the genesis.</summary>
    TrustPolicy,

    /// <summary>The audit log's checkpoint is not signed or not cosigned.</summary>
    AuditCheckpoint,

    /// <summary>No event, opening or proof in its exact form.</summary>
    EventMalformed,

    /// <summary>An event is not in the log of the audit checkpoint.</summary>
    EventNotLogged,

    /// <summary>The first event of a log that a restored hub opened is another, or stands elsewhere.</summary>
    Seam,

    /// <summary>An event is earlier, or knew less of the directory, than the one before it.</summary>
    EventOrder,

    /// <summary>An event names a state that the directory never had.</summary>
    EventDirectory,

    /// <summary>An event has nothing to do with this referral.</summary>
    EventForeign,

    /// <summary>A second event records the same statement.</summary>
    EventRepeated,

    /// <summary>No statement in its exact form, or not the one that its path names.</summary>
    StatementMalformed,

    /// <summary>No event records a statement.</summary>
    StatementUnrecorded,

    /// <summary>A statement has nothing to do with this referral.</summary>
    StatementForeign,

    /// <summary>The issuer had no such key when the statement took effect.</summary>
    StatementKey,

    /// <summary>The signature is not of that key.</summary>
    StatementSignature,

    /// <summary>A statement claims to have seen a log, or a time, that was not there yet.</summary>
    StatementAhead,

    /// <summary>An event says something else than the statement it records.</summary>
    EventDiffers,

    /// <summary>An agreement was not accepted by the other side, term for term.</summary>
    Agreement,

    /// <summary>The consent check gives another answer than the recorded one, or none is recorded where one is due.</summary>
    Decision,

    /// <summary>A statement took effect although the consent check refused.</summary>
    DecisionRefuses,

    /// <summary>A party did what it may not do in that state, or the recorded state is another.</summary>
    State,

    /// <summary>A statement does not come after the one that set the state.</summary>
    After,

    /// <summary>The hub called a clock missed that was not, not yet, or twice.</summary>
    Clock,

    /// <summary>A part was handed over that may not be, or that nobody sealed.</summary>
    Release,

    /// <summary>A revocation, a legal hold or an erasure receipt that its signer could not give then.</summary>
    Custody,

    /// <summary>The hub did not sign this manifest.</summary>
    ManifestSignature,
}

/// <summary>The first thing wrong with a bundle.</summary>
/// <param name="Path">The file that shows it.</param>
/// <param name="Fault">What is wrong.</param>
/// <param name="Sentence">The same in words, in printable ASCII.</param>
public sealed record EvidenceFinding(string Path, EvidenceFault Fault, string Sentence)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Path}: {Sentence} ({Code.Text(Fault)})";
}
