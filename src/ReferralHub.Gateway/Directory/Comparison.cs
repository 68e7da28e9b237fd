using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// A person here has compared another agency's fingerprint by voice. It holds for that fingerprint only: a new recovery key
/// must be compared anew. Spec: docs/protocol.md §2.2.
/// </summary>
internal sealed class Comparison
{
    public required AgencyId Agency { get; init; }

    public required Digest Fingerprint { get; init; }

    public required Handle By { get; init; }

    public required DateTimeOffset At { get; init; }
}
