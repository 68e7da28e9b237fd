using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.SystemTests;

namespace ReferralHub.Benchmarks.Sealing;

/// <summary>A whole envelope with one attachment: sealed from a file, verified, and the attachment read into a file.</summary>
internal sealed class EnvelopeFiles : IDisposable
{
    private const string Attachment = "attachments/0001";

    private static readonly byte[] Form = """{"documents":[{"path":"attachments/0001","name":"synthetic.bin","type":"application/octet-stream"}]}"""u8.ToArray();

    private readonly HybridIdentity _identity = HybridIdentity.Create();
    private readonly SigningKey _signer = SigningKey.Import(new byte[SigningKey.SeedSize]);
    private readonly string _plain, _sealed, _opened;
    private readonly int _size;
    private readonly EnvelopeFacts _facts = new()
    {
        Sender = AgencyId.Parse("police"),
        Recipient = AgencyId.Parse("shelter"),
        Referral = Guid.Parse("01920000-0000-7000-8000-000000000001"),
        Part = Part.Record,
        Categories = [Category.Documents],
        SealedAt = DateTimeOffset.UnixEpoch,
    };

    private SealedPart? _part;

    public EnvelopeFiles(TemporaryFolder folder, int size)
    {
        (_plain, _sealed, _opened, _size) = (folder.File("attachment"), folder.File("envelope"), folder.File("read"), size);
        Inputs.Write(_plain, size);
    }

    public void Seal()
    {
        using var file = Inputs.Create(_sealed);
        _part = Envelope.SealAsync(
            file, _identity.PublicKey, _signer, _facts,
            [EnvelopeMember.Of("referral.json", Form), new EnvelopeMember(Attachment, _size, () => Inputs.Open(_plain))]).GetAwaiter().GetResult();
    }

    public void Open()
    {
        using var file = Inputs.Open(_sealed);
        using var read = Inputs.Create(_opened);
        var expected = new EnvelopeExpectation
        {
            File = _part!,
            Sender = _facts.Sender,
            SenderKey = _signer.VerifyingKey,
            Recipient = _facts.Recipient,
            Referral = _facts.Referral,
            Categories = [ClearCategory.Documents],
        };
        if (!Envelope.TryOpen(file, [_identity], expected, out var envelope, out var fault)) throw new InvalidOperationException($"{fault}");
        using (envelope)
        {
            using var attachment = envelope.Open(Attachment);
            attachment.CopyTo(read);
        }
    }

    public void Dispose()
    {
        _identity.Dispose();
        _signer.Dispose();
    }
}
