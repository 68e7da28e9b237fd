using System.Globalization;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.SystemTests.Load;

/// <summary>
/// Seals a record with one attachment of a given size into a file, opens it, reads the attachment, and prints the most
/// memory that took. To be run as a process of its own.
/// </summary>
internal static class SealAndOpen
{
    public const string Mode = "seal-and-open";

    private static readonly AgencyId Sender = AgencyId.Parse("police");
    private static readonly AgencyId Recipient = AgencyId.Parse("shelter");
    private static readonly Guid Referral = Guid.Parse("01920000-0000-7000-8000-000000000001");

    private static readonly byte[] Form =
        """{"documents":[{"path":"attachments/0001","name":"synthetic.bin","type":"application/octet-stream"}]}"""u8.ToArray();

    public static async Task<int> Run(long size)
    {
        using var identity = HybridIdentity.Create();
        using var signer = SigningKey.Import(new byte[SigningKey.SeedSize]);
        using var file = new TemporaryFolder();
        await using var envelope = new FileStream(file.File("record.age"), FileMode.CreateNew, FileAccess.ReadWrite);

        var sealedPart = await Envelope.SealAsync(
            envelope,
            identity.PublicKey,
            signer,
            new EnvelopeFacts
            {
                Sender = Sender,
                Recipient = Recipient,
                Referral = Referral,
                Part = Part.Record,
                Categories = [Category.Documents],
                SealedAt = TimeProvider.System.GetUtcNow(),
            },
            [EnvelopeMember.Of("referral.json", Form), new EnvelopeMember("attachments/0001", size, () => new Pattern(size))]);

        var expected = new EnvelopeExpectation
        {
            File = sealedPart,
            Sender = Sender,
            SenderKey = signer.VerifyingKey,
            Recipient = Recipient,
            Referral = Referral,
            Categories = [ClearCategory.Documents],
        };
        if (!Envelope.TryOpen(envelope, [identity], expected, out var opened, out var fault))
            throw new InvalidOperationException($"It does not open: {fault}.");
        using (opened)
        {
            await using var attachment = opened.Open("attachments/0001");
            await using var same = new Pattern(size);
            if (!Same(attachment, same)) throw new InvalidOperationException("Something else was opened.");
        }

        Console.WriteLine(ProcessMemory.Peak(Environment.ProcessId).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static bool Same(Stream one, Stream other)
    {
        var (left, right) = (new byte[64 << 10], new byte[64 << 10]);
        int read;
        while ((read = one.ReadAtLeast(left, left.Length, throwOnEndOfStream: false)) > 0)
        {
            if (other.ReadAtLeast(right, read, throwOnEndOfStream: false) != read || !left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read))) return false;
        }

        return other.ReadByte() < 0;
    }

    /// <summary>Bytes that nobody has to keep: 256 of each value in turn.</summary>
    private sealed class Pattern(long size) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => size;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, size - Position);
            for (var rest = buffer[..count]; rest.Length > 0;)
            {
                var run = rest[..Math.Min(rest.Length, 256 - (int)(Position & 0xff))];
                run.Fill((byte)((Position >> 8) & 0xff));
                Position += run.Length;
                rest = rest[run.Length..];
            }

            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
