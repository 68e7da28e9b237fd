using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Incoming;

/// <summary>Opens what was sealed to us, against the statement that brought it. Spec: docs/protocol.md §2.5.</summary>
internal sealed class Envelopes(OwnAgency own, FileKeys keys, FollowDirectory directory)
{
    /// <summary>What the outer statement promises about a part sealed to us.</summary>
    public async Task<EnvelopeExpectation> ExpectAsync(GatewayDb db, KeptReferral referral, KeptPart part, CancellationToken ct)
    {
        if (part.Part is Part.Summary or Part.Record)
        {
            var outer = (await db.Statements.AsNoTracking().SingleAsync(s => s.Id == referral.Statement, ct)).Read();
            return EnvelopeExpectation.Of((Referral)outer.Statement, part.Part, KeyOf(outer));
        }

        var theirs = await db.Statements.AsNoTracking()
            .Where(s => s.Referral == referral.Id && !s.IsOurs && (s.Kind == StatementKind.Acknowledgement || s.Kind == StatementKind.SenderAct)).ToListAsync(ct);
        var brought = theirs.Select(s => s.Read()).Single(s => s.Statement.Brings.Any(p => p.Sha256 == part.Sha256));
        return new EnvelopeExpectation
        {
            File = brought.Statement.Brings[0],
            Sender = brought.Statement.Issuer,
            SenderKey = KeyOf(brought),
            Recipient = own.Id,
            Referral = referral.Id,
            Categories = [],
        };
    }

    /// <summary>Verifies a file to its last byte.</summary>
    /// <param name="file">The age file; stays the caller's and open as long as the envelope.</param>
    /// <param name="expected">What the outer statement promises.</param>
    /// <param name="envelope">The envelope, the caller's to dispose; null when false.</param>
    /// <param name="fault">Null, or the first thing wrong, as a code.</param>
    public bool TryOpen(
        Stream file, EnvelopeExpectation expected, [NotNullWhen(true)] out OpenedEnvelope? envelope, [NotNullWhen(false)] out string? fault)
    {
        (envelope, var reason) = keys.With(
            expected.File.Sha256, identities => (Envelope.TryOpen(file, identities, expected, out var opened, out var why) ? opened : null, why));
        fault = reason is { } found ? Code.Text(found) : null;
        return envelope is not null;
    }

    /// <summary>The summary of a summary part that was verified.</summary>
    public static Summary ReadSummary(OpenedEnvelope verified) =>
        SealedJson.TryRead<Summary>(verified.Read(EnvelopeLayout.FormPath(Part.Summary), SealedJson.MaxBytes), out var summary)
            ? summary
            : throw new InvalidDataException($"The summary of {WireId.Text(verified.Statement.Referral)} was verified and does not read.");

    /// <summary>The sealed half of the consent, which a summary must bring exactly as the consent's statement promised.</summary>
    /// <returns>The detail, or null when there is none or another.</returns>
    public static ConsentDetail? ReadConsent(OpenedEnvelope summary, Digest promised)
    {
        if (summary.Members.All(m => m.Path != EnvelopeLayout.ConsentPath)) return null;
        var bytes = summary.Read(EnvelopeLayout.ConsentPath, SealedJson.MaxBytes);
        return Digest.Of(bytes) == promised && SealedJson.TryRead<ConsentDetail>(bytes, out var detail) ? detail : null;
    }

    /// <summary>Why a summary came without consent, in words; null when it does not say.</summary>
    public static BasisDetail? ReadBasis(OpenedEnvelope summary) =>
        summary.Members.Any(m => m.Path == EnvelopeLayout.BasisPath)
        && SealedJson.TryRead<BasisDetail>(summary.Read(EnvelopeLayout.BasisPath, SealedJson.MaxBytes), out var detail) ? detail : null;

    private VerifyingKey KeyOf(SignedStatement outer) =>
        // It was verified when it came; the key may have been rotated since.
        directory.Current.FindAnyKey(outer.Statement.Issuer, outer.Jws.Kid)
        ?? throw new InvalidDataException($"The directory no longer has the key of {outer.Id}.");
}
