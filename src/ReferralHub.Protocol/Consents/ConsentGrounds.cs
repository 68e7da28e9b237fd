using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Protocol.Consents;

/// <summary>What the check looked at when it ran, from what was recorded until then: for whoever runs it again.</summary>
public static class ConsentGrounds
{
    /// <summary>The question as it was.</summary>
    /// <param name="referral">The referral.</param>
    /// <param name="id">Id of that statement.</param>
    /// <param name="earlier">What was recorded before, in that order; of agreements only acceptances that hold count.</param>
    /// <param name="directory">The directory, at least as large.</param>
    /// <param name="size">How large it was.</param>
    /// <param name="at">The hub's time of the decision.</param>
    public static ConsentQuestion QuestionAt(
        Referral referral, Digest id, IEnumerable<Statement> earlier, AgencyDirectory directory, long size, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(referral);
        ArgumentNullException.ThrowIfNull(directory);
        var known = earlier.ToList();
        var route = new Route(referral.Issuer, referral.To);
        var consent = known.OfType<Consent>().LastOrDefault(consent => consent.ConsentId == referral.Consent);
        var agreement = known.OfType<Agreement>().LastOrDefault(accepted => accepted.Accepts is not null && accepted.Routes.Contains(route));
        return new ConsentQuestion(
            referral,
            consent,
            agreement,
            agreement is null ? null : directory.FindPolicy(agreement.Policy, size),
            directory.IsActive(referral.Issuer, size) && directory.IsActive(referral.To, size),
            at)
        {
            Revocation = consent is null ? null : known.OfType<ConsentRevocation>().FirstOrDefault(revocation => revocation.Revokes(consent)),
            Approvals = [.. known.OfType<Approval>().Where(approval => approval.Approves == id)],
        };
    }
}
