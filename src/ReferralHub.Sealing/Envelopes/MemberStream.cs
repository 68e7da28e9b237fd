using System.Security.Cryptography;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>The second pass over one member: decrypted again, and hashed again up to what the sender signed.</summary>
internal sealed class MemberStream : Stream
{
    private readonly AgeReader _age;
    private readonly MemberDigest _member;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;
    private bool _closed;

    public MemberStream(AgeReader age, long offset, MemberDigest member)
    {
        (_age, _member) = (age, member);
        if (!age.TrySeek(offset)) throw Changed();
    }

    public override bool CanRead => !_closed;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _member.Size;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        var wanted = buffer[..(int)Math.Min(buffer.Length, _member.Size - _read)];
        if (wanted.IsEmpty) return 0;
        if (!_age.TryRead(wanted, out var count)) throw Changed();

        _hash.AppendData(wanted[..count]);
        _read += count;
        if (_read == _member.Size && Digest.From(_hash.GetHashAndReset()) != _member.Sha256) throw Changed();
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    // The source is a local file and a chunk is decrypted in microseconds: another thread would only cost.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        _hash.Dispose();
        base.Dispose(disposing);
    }

    private IOException Changed() => new($"The envelope was changed since it was verified, at {_member.Path}.");
}
