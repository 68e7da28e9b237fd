using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>What the outer statement says about a part; the envelope must say the same. Spec: docs/protocol.md §2.5.</summary>
public sealed record EnvelopeExpectation
{
    /// <summary>The part with size and digest of its file.</summary>
    public required SealedPart File { get; init; }

    /// <summary>The outer signer.</summary>
    public required AgencyId Sender { get; init; }

    /// <summary>The key of the outer signature, from the directory.</summary>
    public required VerifyingKey SenderKey { get; init; }

    /// <summary>The agency that the outer statement addresses.</summary>
    public required AgencyId Recipient { get; init; }

    /// <summary>The referral.</summary>
    public required Guid Referral { get; init; }

    /// <summary>
    /// The categories that the content has in the hub's words and order: of a record the outer statement's without
    /// <c>summary</c>, of a summary that one alone, of a question, an answer or a note none.
    /// </summary>
    public required IReadOnlyList<ClearCategory> Categories { get; init; }

    /// <summary>What a referral statement says about its summary or record.</summary>
    /// <param name="referral">The statement.</param>
    /// <param name="part">One of its parts.</param>
    /// <param name="senderKey">The key that it verified with.</param>
    /// <exception cref="ArgumentException">The statement has no such part.</exception>
    public static EnvelopeExpectation Of(Referral referral, Part part, VerifyingKey senderKey)
    {
        ArgumentNullException.ThrowIfNull(referral);
        var file = referral.Parts.FirstOrDefault(p => p.Part == part)
            ?? throw new ArgumentException($"The referral has no {part}.", nameof(part));
        return new EnvelopeExpectation
        {
            File = file,
            Sender = referral.Issuer,
            SenderKey = senderKey,
            Recipient = referral.To,
            Referral = referral.ReferralId,
            Categories = [.. referral.Categories.Where(c => (c == ClearCategory.Summary) == (part == Part.Summary))],
        };
    }
}
