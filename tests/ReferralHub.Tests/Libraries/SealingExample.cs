using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Tests.Libraries;

internal static class SealingExample
{
    // Seals a note to an agency's key. What comes back is what the sender's statement says of the file: its size and its digest.
    public static Task<SealedPart> SealAsync(Stream file, EncryptionKey recipient, SigningKey sender, Guid referral, DateTimeOffset now)
    {
        var facts = new EnvelopeFacts
        {
            Sender = AgencyId.Parse("police-north"),
            Recipient = AgencyId.Parse("shelter-east"),
            Referral = referral,
            Part = Part.Note,
            Categories = [],
            SealedAt = now,
        };
        return Envelope.SealAsync(file, recipient, sender, facts, [EnvelopeMember.Of("note.json", """{"text":"A place is free."}"""u8.ToArray())]);
    }

    // Opens it: verified to the last byte before anything is released. A fault says which promise was not kept.
    public static string Open(Stream file, AgeIdentity recipient, VerifyingKey sender, Guid referral, SealedPart promised)
    {
        var expected = new EnvelopeExpectation
        {
            File = promised,
            Sender = AgencyId.Parse("police-north"),
            SenderKey = sender,
            Recipient = AgencyId.Parse("shelter-east"),
            Referral = referral,
            Categories = [],
        };
        if (!Envelope.TryOpen(file, [recipient], expected, out var envelope, out var fault)) return $"refused: {fault}";
        using (envelope) return Encoding.UTF8.GetString(envelope.Read("note.json", limit: 1024));
    }
}
