using System.Buffers.Binary;
using System.Text.Json;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// A request followed by files, as they stream through the socket: four bytes length (big-endian), the request as JSON, then
/// the files' bytes one after the other; their lengths stand in the request.
/// </summary>
internal sealed class FramedBody
{
    private readonly Stream _body;

    private FramedBody(Stream body) => _body = body;

    public static async Task<(T Request, FramedBody Files)> ReadAsync<T>(Stream body, CancellationToken ct)
        where T : class
    {
        var length = new byte[sizeof(int)];
        await body.ReadExactlyAsync(length, ct);
        var size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size is < 0 or > Limits.RequestBytes) throw new RefusedException(Refusal.TooLarge, $"FILE: more than {Limits.RequestBytes} bytes.");
        var json = new byte[size];
        await body.ReadExactlyAsync(json, ct);
        var request = JsonSerializer.Deserialize<T>(json, LocalJson.Options) ?? throw new RefusedException(Refusal.Malformed, "FILE: null.");
        return (request, new FramedBody(body));
    }

    /// <summary>The next file's bytes; to be read to its end before the next is asked for.</summary>
    public Stream Next(long size) => new Slice(_body, size);

    private sealed class Slice(Stream inner, long left) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (left == 0) return 0;
            var read = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, left)], cancellationToken);
            left -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>The other end of <see cref="FramedBody"/>: reads the files as they go out.</summary>
internal sealed class FramedContent(byte[] request, IReadOnlyList<FileInfo> files) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, request.Length);
        await stream.WriteAsync(length, cancellationToken);
        await stream.WriteAsync(request, cancellationToken);
        foreach (var file in files)
        {
            await using var content = file.OpenRead();
            await content.CopyToAsync(stream, cancellationToken);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = sizeof(int) + request.Length + files.Sum(file => file.Length);
        return true;
    }
}
