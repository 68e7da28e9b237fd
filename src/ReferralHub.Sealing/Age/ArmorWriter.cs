using System.Buffers.Text;

namespace ReferralHub.Sealing.Age;

/// <summary>Writes bytes as armored text, line by line.</summary>
internal sealed class ArmorWriter : Stream
{
    private readonly Stream _text;
    private readonly byte[] _held = new byte[AgeArmor.LineBytes];
    private readonly byte[] _line = new byte[AgeArmor.LineChars + 1];
    private int _count;
    private bool _ended;

    public ArmorWriter(Stream text)
    {
        _text = text;
        _text.Write([.. AgeArmor.Begin, (byte)'\n']);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        while (!buffer.IsEmpty)
        {
            var taken = Math.Min(buffer.Length, _held.Length - _count);
            buffer[..taken].CopyTo(_held.AsSpan(_count));
            _count += taken;
            buffer = buffer[taken..];
            if (_count == _held.Length) WriteLine();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => _text.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_ended)
        {
            if (_count > 0) WriteLine();
            _text.Write([.. AgeArmor.End, (byte)'\n']);
            _ended = true;
        }

        base.Dispose(disposing);
    }

    private void WriteLine()
    {
        _ = Base64.EncodeToUtf8(_held.AsSpan(0, _count), _line, out _, out var length);
        _line[length] = (byte)'\n';
        _text.Write(_line.AsSpan(0, length + 1));
        _count = 0;
    }
}
