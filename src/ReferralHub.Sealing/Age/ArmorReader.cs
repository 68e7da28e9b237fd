namespace ReferralHub.Sealing.Age;

/// <summary>
/// The bytes in an armored text. Goes forward line by line and back by beginning again, which suits <see cref="AgeReader"/>: it goes
/// back only once, over the header.
/// </summary>
internal sealed class ArmorReader(Stream text) : Stream
{
    private readonly byte[] _buffer = new byte[4096];
    private readonly byte[] _line = new byte[AgeArmor.LineChars];
    private readonly byte[] _bytes = new byte[AgeArmor.LineBytes];
    private int _buffered;
    private int _consumed;
    private int _lineLength;
    private int _held;
    private int _taken;
    private long _position;
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>Reads the whole text once; false when it is not strict armor. Only then may it be read.</summary>
    public bool TryMeasure()
    {
        if (!TryBegin()) return false;
        while (TryReadLine())
        {
            if (Line.SequenceEqual(AgeArmor.End))
            {
                if (!OnlyWhiteSpaceFollows()) return false;
                Rewind();
                return true;
            }

            // A line that is not full is the last one.
            if (_length % AgeArmor.LineBytes != 0 || Line.IsEmpty || !AgeArmor.TryDecode(Line, _bytes, out var count)) return false;
            _length += count;
        }

        return false;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_taken == _held && _position < _length) NextLine();
        var count = Math.Min(buffer.Length, _held - _taken);
        _bytes.AsSpan(_taken, count).CopyTo(buffer);
        _taken += count;
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => _length };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, _length, nameof(offset));
        if (target < _position) Rewind();
        while (_position < target)
        {
            if (_taken == _held) NextLine();
            var step = (int)Math.Min(target - _position, _held - _taken);
            _taken += step;
            _position += step;
        }

        return _position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private ReadOnlySpan<byte> Line => _line.AsSpan(0, _lineLength);

    private static bool IsWhiteSpace(ReadOnlySpan<byte> line) => !line.ContainsAnyExcept(" \t\r\n"u8);

    private void Rewind()
    {
        if (!TryBegin()) throw Changed();
        (_position, _held, _taken) = (0, 0, 0);
    }

    private bool TryBegin()
    {
        text.Position = 0;
        (_buffered, _consumed) = (0, 0);
        while (TryReadLine())
        {
            if (Line.SequenceEqual(AgeArmor.Begin)) return true;
            if (!IsWhiteSpace(Line)) return false;
        }

        return false;
    }

    private void NextLine()
    {
        if (!TryReadLine() || !AgeArmor.TryDecode(Line, _bytes, out _held)) throw Changed();
        _taken = 0;
    }

    private static IOException Changed() => new("The armored text changed while it was read.");

    /// <summary>Reads a line without its LF or CRLF; the last may lack it. False at the end, or when it is longer than any that is allowed.</summary>
    private bool TryReadLine()
    {
        _lineLength = 0;
        while (TryReadByte(out var next))
        {
            if (next == '\n') return true;
            if (next == '\r')
            {
                if (!TryReadByte(out var following)) return Put(next);
                if (following == '\n') return true;
                if (!Put(next)) return false;
                next = following;
            }

            if (!Put(next)) return false;
        }

        return _lineLength > 0;
    }

    private bool Put(byte next)
    {
        if (_lineLength == _line.Length) return false;
        _line[_lineLength++] = next;
        return true;
    }

    private bool TryReadByte(out byte next)
    {
        if (_consumed == _buffered) (_buffered, _consumed) = (text.Read(_buffer), 0);
        next = _consumed < _buffered ? _buffer[_consumed++] : default;
        return _buffered > 0;
    }

    private bool OnlyWhiteSpaceFollows()
    {
        while (TryReadByte(out var next))
        {
            if (!IsWhiteSpace([next])) return false;
        }

        return true;
    }
}
