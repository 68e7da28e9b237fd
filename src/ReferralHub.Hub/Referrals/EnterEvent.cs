using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Directory;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Hub.Referrals;

/// <summary>
/// What registrars decided about an agency, or it about itself, enters the directory by the operator's hand. A closing and the
/// handing back of what was open are one write. Spec: docs/protocol.md §3.4, §4.2.
/// </summary>
internal static class EnterEvent
{
    /// <summary>Enters an event; one that is there already is good.</summary>
    /// <exception cref="AdmissionException">It does not enter.</exception>
    public static Task Run(HubDb db, HubKeys keys, Agencies agencies, CoSigned signed, CancellationToken ct) => db.Write(
        async write =>
        {
            if (!AgencyChange.TryRead(signed, out var change)) throw new AdmissionException("The file is not an event of an agency in its exact form (docs/protocol.md §4.2).");
            var (refusal, directory) = await Admission.Change(db, keys, agencies, signed, change, write);
            if (refusal is { } no) throw new AdmissionException(no.Describe().Text);
            if (change.Event == AgencyChangeCode.Close) await HandBack.All(db, keys, change.Agency, directory, write);
        },
        ct);
}
