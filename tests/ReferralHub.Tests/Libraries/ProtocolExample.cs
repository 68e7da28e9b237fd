using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Evidence;

namespace ReferralHub.Tests.Libraries;

internal static class ProtocolExample
{
    // Checks all of an evidence bundle, offline: signatures, proofs, states, consent. F is the hub's fingerprint, from somebody you trust.
    public static string Tell(byte[] bundle, Digest f)
    {
        var report = EvidenceCheck.Run(bundle, f);
        return report.Story is { } story
            ? $"from {story.Sender} to {story.Recipient}: {story.State}, responsible: {story.Responsible}"
            : $"does not hold: {report.Finding}";
    }
}
