using ReferralHub.Sealing.Age;

namespace ReferralHub.Fuzz.Targets;

/// <summary>
/// Makes an age payload of chunks that are each authentic: two bytes of input say number, mark, damage and length of one; an
/// odd byte stands behind the last. Says by itself which of them must open. Its buffers serve one input after the other.
/// </summary>
internal sealed class ChunkScript : IDisposable
{
    private const int MaxChunks = 3;

    private static readonly int[] Lengths = [0, 1, 15, 16, 17, PayloadCipher.ChunkBytes - 1, PayloadCipher.ChunkBytes, PayloadCipher.ChunkBytes];

    private readonly PayloadCipher _cipher = KnownKey.Cipher();
    private readonly KnownKey _key = new();
    private readonly byte[] _content = new byte[PayloadCipher.ChunkBytes];
    private readonly byte[] _sealed = new byte[PayloadCipher.SealedChunkBytes];
    private readonly byte[] _buffer = new byte[15_013];
    private readonly MemoryStream _file = new();
    private readonly MemoryStream _plain = new();
    private readonly MemoryStream _opened = new();

    public bool Accepts(byte[] script)
    {
        var genuine = Write(script);
        _opened.SetLength(0);
        var opens = KnownKey.OpensToItsEnd(_file, _key, _buffer, _opened);
        OracleException.Require(opens == genuine, genuine ? "a sealed sequence does not open" : "a sequence opens that nobody seals");
        if (opens) OracleException.Same(Bytes(_opened), Bytes(_plain), "payload");
        return opens;
    }

    public void Dispose()
    {
        _cipher.Dispose();
        _key.Dispose();
        _file.Dispose();
        _plain.Dispose();
        _opened.Dispose();
    }

    /// <summary>Whether it is what a sealer writes.</summary>
    private bool Write(byte[] script)
    {
        _file.SetLength(0);
        _plain.SetLength(0);
        KnownKey.Begin(_file);
        var count = Math.Min(script.Length / 2, MaxChunks);
        var genuine = count > 0 && script.Length == 2 * count;
        for (var i = 0; i < count; i++)
        {
            var (number, last, damaged) = (script[2 * i] & 3, (script[2 * i] & 4) != 0, (script[2 * i] & 8) != 0);
            var content = _content.AsSpan(0, Lengths[script[2 * i + 1] % Lengths.Length]);
            content.Fill((byte)number);
            var chunk = _sealed.AsSpan(0, content.Length + PayloadCipher.TagBytes);
            _cipher.Seal(number, last, content, chunk);
            if (damaged) chunk[script[2 * i + 1] % chunk.Length] ^= 0x40;
            _file.Write(chunk);
            _plain.Write(content);
            var isLast = i == count - 1;
            genuine &= number == i && last == isLast && !damaged
                && (isLast ? content.Length > 0 || count == 1 : content.Length == PayloadCipher.ChunkBytes);
        }

        _file.Write(script.AsSpan(2 * count));
        return genuine;
    }

    private static ReadOnlySpan<byte> Bytes(MemoryStream stream) => stream.GetBuffer().AsSpan(0, (int)stream.Length);
}
