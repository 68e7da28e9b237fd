using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Statements;

/// <summary>A statement took effect.</summary>
/// <param name="Statement">Its id.</param>
/// <param name="To">The other party, which is to hear of it.</param>
/// <param name="With">Id of the consent's statement that goes with it.</param>
/// <param name="Approval">Id of the approval's statement that goes with it.</param>
internal sealed record StatementRecorded(Digest Statement, AgencyId To, Digest? With = null, Digest? Approval = null);
