using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway;

/// <summary>Why the gateway says no to its own people. The kebab-case name is what commands print.</summary>
internal enum Refusal
{
    /// <summary>A file or option is not of its form.</summary>
    Malformed,

    /// <summary>No such referral, consent, agreement or part here.</summary>
    NotFound,

    /// <summary>The handle is nobody's at this agency.</summary>
    UnknownPerson,

    /// <summary>No such agency in the directory.</summary>
    UnknownAgency,

    /// <summary>This agency is not in the directory yet: a registrar must sign.</summary>
    NotEnrolled,

    /// <summary>The form of a referral does not keep to its schema; the reasons name the fields.</summary>
    FormInvalid,

    /// <summary>The content lies outside what the consent discloses; the reasons name the fields.</summary>
    ContentOutsideConsent,

    /// <summary>The consent check says no; the reasons are those of docs/protocol.md §3.5.</summary>
    ConsentRefused,

    /// <summary>The referral is in a state in which this cannot be done, or not by us.</summary>
    StateForbids,

    /// <summary>The agency has revoked the key that would be sealed to, and has no other yet.</summary>
    KeyRevoked,

    /// <summary>What an agency read out is not the fingerprint that the directory has of it.</summary>
    FingerprintDiffers,

    /// <summary>The directory was not seen fresh within 24 hours: nobody seals to keys that may be revoked.</summary>
    DirectoryStale,

    /// <summary>An alarm stands that stops sealing.</summary>
    SealingStopped,

    /// <summary>The feed was not read within 60 minutes: a revocation might be outrun.</summary>
    FeedStale,

    /// <summary>The sealed part is not here yet.</summary>
    NotHeld,

    /// <summary>A sealed part does not open, or is not what its statement says.</summary>
    EnvelopeRefused,

    /// <summary>The attachments are larger than 25 MiB together.</summary>
    TooLarge,

    /// <summary>The passphrase is not the key file's.</summary>
    WrongPassphrase,

    /// <summary>The secret is not this person's.</summary>
    WrongSecret,

    /// <summary>Too many wrong secrets: none is tried for a while.</summary>
    TooManyTries,

    /// <summary>This person has no secret yet.</summary>
    NoSecret,

    /// <summary>The first person cannot be the second, or this is not that person's to do.</summary>
    NotForYou,

    /// <summary>The content is locked; the reason says why.</summary>
    Locked,

    /// <summary>This agency must not be addressed about this subject.</summary>
    AgencyExcluded,

    /// <summary>An official is involved: somebody must look at the exclusions before a recipient is chosen.</summary>
    ExclusionsUnreviewed,

    /// <summary>Holds or the revocation stand against it.</summary>
    CustodyForbids,

    /// <summary>The hub refused; the reasons begin with its problem name.</summary>
    HubRefused,

    /// <summary>The hub does not answer.</summary>
    HubUnreachable,

    /// <summary>The data folder cannot be used now: its disk is full, or it may not be written. Nothing was done.</summary>
    StoreFailed,
}

/// <summary>A refusal on its way to whoever asked. Its message and reasons name ids, codes and fields, never content.</summary>
internal sealed class RefusedException(Refusal refusal, string message, IReadOnlyList<string>? reasons = null) : Exception(message)
{
    public Refusal Refusal { get; } = refusal;

    public IReadOnlyList<string> Reasons { get; } = reasons ?? [];

    public static RefusedException ByCheck(ConsentDecision decision) =>
        new(Refusal.ConsentRefused, "The consent check refuses this referral.", [.. decision.Reasons.Select(Code.Text)]);
}

/// <summary>A refusal as the local interface and <c>--json</c> give it, on standard error.</summary>
/// <param name="Error">Name of the refusal.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Reasons">Every reason: codes, or names of fields.</param>
internal sealed record RefusalBody(string Error, string Message, IReadOnlyList<string> Reasons)
{
    public static RefusalBody Of(RefusedException e) => new(Code.Text(e.Refusal), e.Message, e.Reasons);
}
