using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Tests.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Envelopes;

/// <summary>
/// A sender, a recipient, and envelopes between them: honest ones by the product, hostile ones by hand, byte for byte.
/// </summary>
internal sealed class EnvelopeKit : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    public static readonly byte[] Form = Utf8(
        """{"identity":{"name":"Example Person"},"documents":[{"path":"attachments/0001","name":"form.pdf","type":"application/pdf"}]}""");

    public static readonly byte[] Summary = Utf8(
        """{"service":"shelter","urgency":"standard","ageBand":"13-15","risk":"medium","area":"north"}""");

    public HybridIdentity Recipient { get; } = HybridIdentity.Create();

    public SigningKey Signer { get; } = SigningKey.Import(Enumerable.Repeat((byte)1, 32).ToArray());

    public EnvelopeFacts Facts { get; init; } = new()
    {
        Sender = AgencyId.Parse("police-north"),
        Recipient = AgencyId.Parse("shelter"),
        Referral = Guid.CreateVersion7(Noon),
        Part = Part.Record,
        Categories = [Category.Identity, Category.Documents],
        SealedAt = Noon,
    };

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static (string Path, byte[] Content)[] Record(byte[] attachment) => [("referral.json", Form), ("attachments/0001", attachment)];

    /// <summary>An honest envelope.</summary>
    public async Task<(byte[] File, SealedPart Part)> SealAsync(params (string Path, byte[] Content)[] members)
    {
        using var file = new MemoryStream();
        var part = await Envelope.SealAsync(
            file, Recipient.PublicKey, Signer, Facts, [.. members.Select(m => EnvelopeMember.Of(m.Path, m.Content))], TestContext.Current.CancellationToken);
        return (file.ToArray(), part);
    }

    /// <summary>The tar that an honest sender makes, with the inner statement altered before it is signed.</summary>
    public byte[] Tar(Func<InnerStatement, InnerStatement>? alter = null, SigningKey? signer = null, params (string Path, byte[] Content)[] members)
    {
        if (members.Length == 0) members = Record([1, 2, 3]);
        var statement = new InnerStatement
        {
            Sender = Facts.Sender,
            SealedAt = Facts.SealedAt,
            Referral = Facts.Referral,
            Recipient = Facts.Recipient,
            Part = Facts.Part,
            Categories = Facts.Categories,
            Members = [.. members.Select(m => new MemberDigest(m.Path, m.Content.Length, Digest.Of(m.Content)))],
        };
        return TarOf(Utf8((alter?.Invoke(statement) ?? statement).Sign(signer ?? Signer).Token), members);
    }

    public static byte[] TarOf(byte[] statement, params (string Path, byte[] Content)[] members)
    {
        using var tar = new MemoryStream();
        foreach (var (path, content) in ((string, byte[])[])[.. members, ("statement.jws", statement)])
        {
            var header = new byte[512];
            TarHeader.Format(path, content.Length, header);
            tar.Write(header);
            tar.Write(content);
            tar.Write(new byte[TarHeader.Gap(content.Length)]);
        }

        tar.Write(new byte[1024]);
        return tar.ToArray();
    }

    public byte[] SealTar(byte[] tar, long? length = null)
    {
        var padded = new byte[length ?? Padme.EnvelopeLength(tar.Length)];
        tar.AsSpan(0, Math.Min(tar.Length, padded.Length)).CopyTo(padded);
        return AgeFiles.Seal(new HybridRecipient(Recipient.PublicKey), padded);
    }

    /// <summary>What the outer statement says about <paramref name="file"/>, if it names that file.</summary>
    public EnvelopeExpectation Expectation(byte[] file) => new()
    {
        File = new SealedPart(Facts.Part, Digest.Of(file), file.Length),
        Sender = Facts.Sender,
        SenderKey = Signer.VerifyingKey,
        Recipient = Facts.Recipient,
        Referral = Facts.Referral,
        Categories = Facts.Categories.Clear(),
    };

    public EnvelopeFault? Refusal(byte[] file, Func<EnvelopeExpectation, EnvelopeExpectation>? alter = null, HybridIdentity? identity = null)
    {
        var expected = Expectation(file);
        var opened = Envelope.TryOpen(
            new MemoryStream(file), [identity ?? Recipient], alter?.Invoke(expected) ?? expected, out var envelope, out var fault);
        Assert.Equal(opened, fault is null);
        envelope?.Dispose();
        return fault;
    }

    public OpenedEnvelope Open(byte[] file)
    {
        Assert.True(Envelope.TryOpen(new MemoryStream(file), [Recipient], Expectation(file), out var envelope, out _));
        return envelope;
    }

    public void Dispose()
    {
        Recipient.Dispose();
        Signer.Dispose();
    }
}
