using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>Why the hub says no: the closed catalogue. The kebab-case name ends the problem type on the wire.</summary>
internal enum Refusal
{
    Malformed,
    NotJoined,
    NotActive,
    NotFound,
    WrongMethod,
    TooSlow,
    TooLarge,
    WrongMediaType,
    InvitationUnknown,
    InvitationExpired,
    InvitationUsed,
    EnrolmentInvalid,
    AgencyTaken,
    KeyTaken,
    RequestForCertificateInvalid,
    RecoveryInvalid,
    EventSigners,
    EventStale,
    EventForbidden,
    WrongDigest,
    NotSealed,
    WrongOffset,
    UploadUnderWay,
    TooMuchUnclaimed,
    NotLoggedYet,
    LogBehind,
    HubRestoring,
    NotTheIssuer,
    UnknownKey,
    BadSignature,
    IssuedAhead,
    UnknownHead,
    IdTaken,
    NothingToAccept,
    AcceptedBefore,
    TermsDiffer,
    ExpiryOutside,
    ReplacesNotEnded,
    PartMissing,
    PartSizeDiffers,
    PartTaken,
    ConsentRefused,
    RevokedBefore,
    NotApproved,
    CustodyForbids,
    Stale,
    OutOfTurn,
    ReferralExpired,
    NotSealedToYou,
    NotReleasable,
    RequestUsed,
    PartDiffers,
    ReferralFull,
    PartErased,
    RecordErased,
    FeedAhead,
    NewerHeld,
    ZoneUnknown,

    /// <summary>A profile names an area that no policy has.</summary>
    AreaUnknown,
    StoreFailed,
    Internal,
}

internal static class Refusals
{
    private const string Urn = "urn:referralhub:refusal:";

    public static string Urned(this Refusal refusal) => Urn + Code.Text(refusal);

    /// <summary>The name at the end of a problem's type; what is no type of ours has none.</summary>
    public static string NameOf(string? type) => type?.StartsWith(Urn, StringComparison.Ordinal) == true ? type[Urn.Length..] : "other";

    /// <summary>The answer to the caller.</summary>
    /// <param name="refusal">Why.</param>
    /// <param name="members">What the catalogue's text alone cannot say, as codes and ids.</param>
    public static ProblemHttpResult ToProblem(this Refusal refusal, params IEnumerable<KeyValuePair<string, object?>> members)
    {
        var (status, text) = refusal.Describe();
        return TypedResults.Problem(statusCode: status, type: refusal.Urned(), title: text, extensions: members);
    }

    /// <summary>The status, and in one sentence what to do about it.</summary>
    public static (int Status, string Text) Describe(this Refusal refusal) => refusal switch
    {
        Refusal.Malformed => (400, "Send the body in exactly the form that docs/protocol.md gives."),
        Refusal.NotJoined => (401, "Present the client certificate that the hub gave you when you joined."),
        Refusal.NotActive => (403, "Wait until the registrars have admitted your agency to the directory."),
        Refusal.NotFound => (404, "Check the id: there is no such thing, or it is not yours."),
        Refusal.WrongMethod => (405, "Use the method that the API's description gives for this path."),
        Refusal.TooSlow => (408, "Send it again, and faster: the hub waits for no body that comes at less than 100 bytes a second."),
        Refusal.TooLarge => (413, "Send less: the body is larger than the hub takes."),
        Refusal.WrongMediaType => (415, "Send the media type that the API's description gives for this path."),
        Refusal.InvitationUnknown => (401, "Ask the operator for an invitation and send its token as it was printed."),
        Refusal.InvitationExpired => (401, "Ask the operator for a new invitation: this one has expired."),
        Refusal.InvitationUsed => (409, "Ask the operator for a new invitation: this one was used with another request."),
        Refusal.EnrolmentInvalid => (422, "Enrol as the invited agency, signed by exactly your recovery key and your signing key."),
        Refusal.AgencyTaken => (409, "Ask to be invited under another name: this one is in the directory."),
        Refusal.KeyTaken => (409, "Make new keys: one of these is in the directory."),
        Refusal.RequestForCertificateInvalid => (422, "Send a PKCS #10 request in PEM for an ECDSA P-256 key, signed by that key."),
        Refusal.RecoveryInvalid => (422, "Sign the recovery with the agency's recovery key and its new signing key, and name the TLS key of the request in it."),
        Refusal.EventSigners => (422, "Let exactly those sign the event whom docs/protocol.md names for it."),
        Refusal.EventStale => (409, "Read the directory to its end, and sign an event that follows your last one there."),
        Refusal.EventForbidden => (403, "Send an event that is your agency's to make and that its status allows."),
        Refusal.WrongDigest => (422, "Upload the part again: its SHA-256 is not the one in the path."),
        Refusal.NotSealed => (422, "Seal the part as an age file with exactly one mlkem768x25519 stanza."),
        Refusal.WrongOffset => (409, "Continue at the offset that Upload-Offset gives."),
        Refusal.UploadUnderWay => (409, "Wait: another request is uploading this part."),
        Refusal.TooMuchUnclaimed => (429, "Send the referrals that your uploaded parts are for, then go on: the hub keeps 256 parts or 2 GiB for an agency until statements claim them, and each for 24 hours."),
        Refusal.NotLoggedYet => (404, "Ask again in a second: the event waits for its place in the log."),
        Refusal.LogBehind => (503, "Try again later: the audit log cannot be written, so nothing is accepted."),
        Refusal.HubRestoring => (503, "Show what your agency holds and try again later: the hub was restored from a backup and gathers what it lacks."),
        Refusal.NotTheIssuer => (403, "Sign the statement as the agency that sends it."),
        Refusal.UnknownKey => (422, "Sign with the signing key that the directory has for your agency."),
        Refusal.BadSignature => (422, "Sign the statement again: its signature does not verify."),
        Refusal.IssuedAhead => (422, "Set the gateway's clock: the statement's time lies more than 60 s ahead of the hub's."),
        Refusal.UnknownHead => (422, "Read both checkpoints and sign again: the statement names a log state that the hub never published."),
        Refusal.IdTaken => (409, "Take another id: this one is used by another statement."),
        Refusal.NothingToAccept => (409, "Propose the agreement: there is none under this id."),
        Refusal.AcceptedBefore => (409, "Nothing to do: the agreement is in force already."),
        Refusal.TermsDiffer => (422, "Repeat every term of the proposal, and name it in 'accepts'."),
        Refusal.ExpiryOutside => (422, "Let the referral expire later than now and within 30 days."),
        Refusal.ReplacesNotEnded => (422, "Replace only a referral that you sent and that is over."),
        Refusal.PartMissing => (422, "Upload the sealed part first, whole."),
        Refusal.PartSizeDiffers => (422, "Give the size that the uploaded part has."),
        Refusal.PartTaken => (409, "Seal the part anew: this one belongs to another referral or is another part of this one."),
        Refusal.ConsentRefused => (403, "The consent check says no: see 'reasons'."),
        Refusal.RevokedBefore => (409, "Nothing to do: the consent is revoked already."),
        Refusal.NotApproved => (422, "Have a second person of your agency approve the statement, and hand the approval in first."),
        Refusal.CustodyForbids => (409, "Look at holds and revocation: only the recipient answers for erasing, once, when it holds nothing; it keeps only what was revoked; and each side releases its own hold."),
        Refusal.Stale => (409, "Read your feed and decide again: the referral has moved on since the statement in 'after'."),
        Refusal.OutOfTurn => (409, "This act is not yours, or not possible in the referral's state."),
        Refusal.ReferralExpired => (409, "Ask the sender for a new referral: this one has expired."),
        Refusal.NotSealedToYou => (403, "Ask for a part that is sealed to your agency."),
        Refusal.NotReleasable => (409, "Ask for the part when the referral is in a state in which it is handed over."),
        Refusal.RequestUsed => (409, "Sign a new request: this one was answered before."),
        Refusal.PartDiffers => (422, "Give the digest that the referral has for this part."),
        Refusal.ReferralFull => (409, "Go on without: your agency has caused as many events about this referral as its evidence can hold."),
        Refusal.PartErased => (410, "Ask the sender for a new referral: the part was erased when the consent or the agreement said so."),
        Refusal.RecordErased => (410, "Nothing to do: the hub erased its record of this statement when the jurisdiction's policy said so, and what you keep of it still verifies."),
        Refusal.FeedAhead => (409, "Tell the operator: your gateway has read further than this hub's feed goes."),
        Refusal.NewerHeld => (409, "Nothing to do: the hub holds a newer one of your agency."),
        Refusal.StoreFailed => (503, "Send the same again later: the hub cannot use its database now, and what it has taken in already has no second effect."),
        Refusal.AreaUnknown => (422, "Give areas that a policy in the directory names: agencies of one jurisdiction must mean the same by them."),
        Refusal.ZoneUnknown => (422, "Give the IANA name of your time zone: the hub must count in it, and does not know this one."),
        Refusal.Internal => (500, "Try again; if it stays so, tell the operator the time of this request."),
    };
}
