using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Evidence;

/// <summary>Replays who revoked, held and erased: the rules of docs/protocol.md §3.8, kept by <see cref="Custody"/>.</summary>
internal static class EvidenceCustody
{
    /// <summary>The first act that breaks a rule, or null.</summary>
    public static EvidenceFinding? Check(EvidenceActs acts)
    {
        var custody = Custody.Start;
        var consents = acts.All.Select(act => act.Statement).OfType<Consent>().ToDictionary(consent => consent.ConsentId);
        var approvals = acts.All.Select(act => act.Statement).OfType<Approval>().ToLookup(approval => approval.Approves);
        var seen = new HashSet<Digest>();
        foreach (var act in acts.All)
        {
            if (act is not { Signed: { } signed, Statement: { } statement }) continue;
            seen.Add(signed.Id);
            switch (statement)
            {
                case ConsentRevocation revocation when !consents.TryGetValue(revocation.ConsentId, out var consent) || !revocation.Revokes(consent):
                    return act.Finding(EvidenceFault.Custody, "Nobody but the agency that obtained a consent can take it back.");
                case ConsentRevocation:
                    custody = custody with { IsRevoked = true };
                    break;
                case RevocationNotice notice when acts.PartyOf(notice.Issuer) is not Party.Recipient:
                    return act.Finding(EvidenceFault.Custody, "Only the recipient forwards a revocation.");
                case Access access when acts.PartyOf(access.Issuer) is Party.Recipient && custody.IsErased:
                    return act.Finding(EvidenceFault.Custody, "The recipient looked at what it had said to have erased.");
                case LegalHold or ErasureReceipt:
                    var party = acts.PartyOf(statement.Issuer)!.Value;
                    if (custody.Next(party, statement, IsApproved(approvals[signed.Id], statement, act.Logged.Index)) is not { } next)
                        return act.Finding(EvidenceFault.Custody, $"{statement.Issuer} could not state this {Code.Text(statement.Kind)} then.");
                    custody = next;
                    break;
            }
        }

        return null;

        bool IsApproved(IEnumerable<Approval> given, Statement statement, long index) => given.Any(approval =>
            approval.IsSecondTo(statement.Issuer, statement.Person!)
            && acts.All.Any(act => ReferenceEquals(act.Statement, approval) && act.Logged.Index < index));
    }
}
