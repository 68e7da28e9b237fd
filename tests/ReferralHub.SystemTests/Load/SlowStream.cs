namespace ReferralHub.SystemTests.Load;

/// <summary>A file read at 1 kB a second, as over a bad line, which got bad after <paramref name="atOnce"/> bytes.</summary>
internal sealed class SlowStream(Stream file, long atOnce = 0) : Stream
{
    private const int BytesASecond = 1000;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position < atOnce) return await file.ReadAsync(buffer[..(int)Math.Min(atOnce - Position, buffer.Length)], cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        return await file.ReadAsync(buffer[..Math.Min(BytesASecond, buffer.Length)], cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }
}
