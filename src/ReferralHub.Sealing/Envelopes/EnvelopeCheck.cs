using System.Security.Cryptography;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>What a recipient refuses, in the order of docs/protocol.md §2.5.</summary>
internal static class EnvelopeCheck
{
    /// <summary>The file against the outer statement.</summary>
    public static EnvelopeFault? File(Stream source, SealedPart expected)
    {
        if (source.Length != expected.Size) return EnvelopeFault.FileDiffers;
        source.Position = 0;
        return Digest.From(SHA256.HashData(source)) == expected.Sha256 ? null : EnvelopeFault.FileDiffers;
    }

    /// <summary>Everything that was read against the inner statement, and that against the outer one.</summary>
    /// <param name="read">A finished scan; its copy of the form is wiped.</param>
    /// <param name="expected">What the outer statement says.</param>
    /// <param name="statement">The inner statement when nothing is wrong.</param>
    public static EnvelopeFault? All(EnvelopeScan read, EnvelopeExpectation expected, out InnerStatement? statement)
    {
        var fault = Inner(read, expected, out statement) ?? Content(read, statement!);
        CryptographicOperations.ZeroMemory(read.Form);
        return fault;
    }

    private static EnvelopeFault? Inner(EnvelopeScan read, EnvelopeExpectation expected, out InnerStatement? statement)
    {
        statement = null;
        if (!Jws.TryParse(read.Token, out var token) || !InnerStatement.TryRead(token, out var inner))
            return EnvelopeFault.InnerStatementMalformed;
        if (inner.Sender != expected.Sender) return EnvelopeFault.InnerSenderDiffers;
        if (!token.IsSignedBy(expected.SenderKey)) return EnvelopeFault.InnerSignatureInvalid;
        if (inner.Recipient != expected.Recipient) return EnvelopeFault.NotAddressedToMe;
        if (inner.Referral != expected.Referral) return EnvelopeFault.ReferralDiffers;
        if (inner.Part != expected.File.Part) return EnvelopeFault.PartDiffers;
        if (!inner.Members.SequenceEqual(read.Members)) return EnvelopeFault.MembersDiffer;
        if (!EnvelopeLayout.Fits(inner.Part, [.. read.Members.Select(m => m.Path)])) return EnvelopeFault.TarMalformed;
        if (!inner.Categories.Clear().SequenceEqual(expected.Categories)) return EnvelopeFault.CategoriesDiffer;
        statement = inner;
        return null;
    }

    private static EnvelopeFault? Content(EnvelopeScan read, InnerStatement statement)
    {
        var fits = statement.Part switch
        {
            Part.Summary => SealedJson.TryRead<Summary>(read.Form, out _),
            Part.Record => Form.TryRead(read.Form, out var form)
                && form.Categories.All(statement.Categories.Contains)
                && form.Attachments.Select(a => a.Path).Order(StringComparer.Ordinal)
                    .SequenceEqual(read.Members.Skip(1).Select(m => m.Path)),
            Part.Note or Part.Question or Part.Answer => SealedJson.TryRead<Note>(read.Form, out _),
        };
        return fits ? null : EnvelopeFault.ContentMismatch;
    }
}
