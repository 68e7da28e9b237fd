using System.Diagnostics.CodeAnalysis;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>
/// A sealed part: one age file with a tar in it, whose last member is the sender's inner statement. Stock age and tar open it.
/// Sealing and opening take the same memory for every size, and no plaintext touches a disk. Spec: docs/protocol.md §2.4, §2.5.
/// </summary>
public static class Envelope
{
    /// <summary>Seals a part in one pass. A copy for oneself is sealed the same way, to one's own key.</summary>
    /// <param name="destination">Where the age file goes; written synchronously; stays the caller's, who deletes it on failure.</param>
    /// <param name="key">Whose identity will open it.</param>
    /// <param name="signer">The sender's signing key; stays the caller's.</param>
    /// <param name="facts">What the inner statement says.</param>
    /// <param name="members">All members but the inner statement, in the order of <see cref="EnvelopeLayout"/>.</param>
    /// <param name="cancellation">Stops between two buffers; what was written by then does not open.</param>
    /// <returns>Size and digest of the age file, as the outer statement lists them.</returns>
    /// <exception cref="ArgumentException">The members or categories are not such a part's.</exception>
    /// <exception cref="InvalidDataException">A content has not the length that its member says.</exception>
    public static async Task<SealedPart> SealAsync(
        Stream destination,
        EncryptionKey key,
        SigningKey signer,
        EnvelopeFacts facts,
        IReadOnlyList<EnvelopeMember> members,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(members);
        if (!EnvelopeLayout.Fits(facts.Part, [.. members.Select(m => m.Path)]))
            throw new ArgumentException($"These are not the members of a {facts.Part}.", nameof(members));
        if (members.Any(m => m.Size is < 0 or > TarHeader.MaxSize))
            throw new ArgumentException($"A member has 0 to {TarHeader.MaxSize} bytes.", nameof(members));
        if (!InnerStatement.IsAscending(facts.Categories))
            throw new ArgumentException("Categories stand in their order, none twice.", nameof(facts));

        using var file = new DigestingStream(destination);
        using var age = new AgeWriter(file, AgeRecipient.Of(key));
        using var tar = new EnvelopeWriter(age);
        foreach (var member in members) await tar.AddAsync(member, cancellation);
        tar.Finish(new InnerStatement
        {
            Sender = facts.Sender,
            SealedAt = facts.SealedAt,
            Referral = facts.Referral,
            Recipient = facts.Recipient,
            Part = facts.Part,
            Categories = facts.Categories,
            Members = tar.Members,
        }.Sign(signer));
        age.Complete();
        return new SealedPart(facts.Part, file.TakeDigest(), file.Length);
    }

    /// <summary>Decrypts a part to its end and checks all of it; only then there is something to read.</summary>
    /// <param name="source">
    /// The age file from position 0; must seek; read synchronously; stays the caller's, open and unused by others as long as
    /// the envelope.
    /// </param>
    /// <param name="identities">The agency's identities, newest first; stay the caller's.</param>
    /// <param name="expected">What the outer statement says.</param>
    /// <param name="envelope">The opened envelope, or null when false.</param>
    /// <param name="fault">Null, or the first thing wrong.</param>
    public static bool TryOpen(
        Stream source,
        IReadOnlyList<AgeIdentity> identities,
        EnvelopeExpectation expected,
        [NotNullWhen(true)] out OpenedEnvelope? envelope,
        [NotNullWhen(false)] out EnvelopeFault? fault)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(expected);
        envelope = null;
        fault = EnvelopeCheck.File(source, expected.File);
        if (fault is not null) return false;
        if (!AgeReader.TryOpen(source, identities, AgeLimits.Wire, out var age, out var ageFault))
        {
            fault = Translate(ageFault.Value);
            return false;
        }

        try
        {
            var scan = new EnvelopeScan(age);
            InnerStatement? statement = null;
            fault = scan.Run() ?? EnvelopeCheck.All(scan, expected, out statement);
            if (fault is null) envelope = new OpenedEnvelope(age, scan, statement!);
            return envelope is not null;
        }
        finally
        {
            if (envelope is null) age.Dispose();
        }
    }

    private static EnvelopeFault Translate(AgeFault fault) => fault switch
    {
        AgeFault.HeaderMalformed => EnvelopeFault.HeaderMalformed,
        AgeFault.NotMine => EnvelopeFault.NotMine,
        AgeFault.HeaderForged => EnvelopeFault.HeaderForged,
        AgeFault.PayloadDamaged => EnvelopeFault.PayloadDamaged,
    };
}
