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
    TooLarge,
    WrongMediaType,
    InvitationUnknown,
    InvitationExpired,
    InvitationUsed,
    EnrolmentInvalid,
    AgencyTaken,
    KeyTaken,
    RequestForCertificateInvalid,
    WrongDigest,
    NotSealed,
    WrongOffset,
    UploadUnderWay,
    NotLoggedYet,
    LogBehind,
    Internal,
}

internal static class Refusals
{
    private const string Urn = "urn:referralhub:refusal:";

    public static string Urned(this Refusal refusal) => Urn + Code.Text(refusal);

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
        Refusal.TooLarge => (413, "Send less: the body is larger than the hub takes."),
        Refusal.WrongMediaType => (415, "Send the media type that the API's description gives for this path."),
        Refusal.InvitationUnknown => (401, "Ask the operator for an invitation and send its token as it was printed."),
        Refusal.InvitationExpired => (401, "Ask the operator for a new invitation: this one has expired."),
        Refusal.InvitationUsed => (409, "Ask the operator for a new invitation: this one was used with another request."),
        Refusal.EnrolmentInvalid => (422, "Enrol as the invited agency, signed by exactly your recovery key and your signing key."),
        Refusal.AgencyTaken => (409, "Ask to be invited under another name: this one is in the directory."),
        Refusal.KeyTaken => (409, "Make new keys: one of these is in the directory."),
        Refusal.RequestForCertificateInvalid => (422, "Send a PKCS #10 request in PEM for an ECDSA P-256 key, signed by that key."),
        Refusal.WrongDigest => (422, "Upload the part again: its SHA-256 is not the one in the path."),
        Refusal.NotSealed => (422, "Seal the part as an age file with exactly one mlkem768x25519 stanza."),
        Refusal.WrongOffset => (409, "Continue at the offset that Upload-Offset gives."),
        Refusal.UploadUnderWay => (409, "Wait: another request is uploading this part."),
        Refusal.NotLoggedYet => (404, "Ask again in a second: the event waits for its place in the log."),
        Refusal.LogBehind => (503, "Try again later: the audit log cannot be written, so nothing is accepted."),
        Refusal.Internal => (500, "Try again; if it stays so, tell the operator the time of this request."),
    };
}
