using System.Security.Cryptography;
using ReferralHub.SystemTests;

namespace ReferralHub.Benchmarks.Sealing;

/// <summary>
/// The limit of raw age: the fastest ChaCha20-Poly1305 at hand over chunks as long as age's, file to file. No header, no key
/// agreement, and the next nonce is whatever comes next.
/// </summary>
internal sealed class BareCipher
{
    private const int Chunk = 64 * 1024;
    private const int Tag = 16;

    private readonly string _plain, _sealed, _opened;
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _in = new byte[Chunk + Tag];
    private readonly byte[] _out = new byte[Chunk + Tag];

    public BareCipher(TemporaryFolder folder, int size)
    {
        (_plain, _sealed, _opened) = (folder.File("bare-plain"), folder.File("bare-sealed"), folder.File("bare-opened"));
        Inputs.Write(_plain, size);
    }

    public void Seal() => Pass(_plain, _sealed, Chunk, (cipher, from) =>
    {
        cipher.Encrypt(_nonce, from, _out.AsSpan(0, from.Length), _out.AsSpan(from.Length, Tag));
        return from.Length + Tag;
    });

    public void Open() => Pass(_sealed, _opened, Chunk + Tag, (cipher, from) =>
    {
        cipher.Decrypt(_nonce, from[..^Tag], from[^Tag..], _out.AsSpan(0, from.Length - Tag));
        return from.Length - Tag;
    });

    private void Pass(string source, string destination, int chunk, Func<ChaCha20Poly1305, ReadOnlySpan<byte>, int> transform)
    {
        using var from = Inputs.Open(source);
        using var to = Inputs.Create(destination);
        using var cipher = new ChaCha20Poly1305(new byte[32]);
        for (int count; (count = from.ReadAtLeast(_in.AsSpan(0, chunk), chunk, throwOnEndOfStream: false)) > 0;)
            to.Write(_out, 0, transform(cipher, _in.AsSpan(0, count)));
    }
}
