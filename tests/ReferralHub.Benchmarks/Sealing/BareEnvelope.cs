using System.Security.Cryptography;
using ReferralHub.SystemTests;

namespace ReferralHub.Benchmarks.Sealing;

/// <summary>
/// The limit of an envelope: the primitives that it cannot do without, over the same bytes and file to file. Sealing hashes what
/// is sealed and what comes out. Opening hashes the file, decrypts and hashes once to verify and once more to release.
/// </summary>
internal sealed class BareEnvelope
{
    private const int Chunk = 64 * 1024;
    private const int Tag = 16;

    private readonly string _plain, _sealed, _opened;
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _in = new byte[Chunk + Tag];
    private readonly byte[] _out = new byte[Chunk + Tag];

    public BareEnvelope(TemporaryFolder folder, int size)
    {
        (_plain, _sealed, _opened) = (folder.File("bare-plain"), folder.File("bare-sealed"), folder.File("bare-opened"));
        Inputs.Write(_plain, size);
    }

    public void Seal()
    {
        using var from = Inputs.Open(_plain);
        using var to = Inputs.Create(_sealed);
        using var cipher = new ChaCha20Poly1305(new byte[32]);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int count; (count = from.ReadAtLeast(_in.AsSpan(0, Chunk), Chunk, throwOnEndOfStream: false)) > 0;)
        {
            content.AppendData(_in, 0, count);
            cipher.Encrypt(_nonce, _in.AsSpan(0, count), _out.AsSpan(0, count), _out.AsSpan(count, Tag));
            file.AppendData(_out, 0, count + Tag);
            to.Write(_out, 0, count + Tag);
        }

        content.GetHashAndReset();
        file.GetHashAndReset();
    }

    public void Open()
    {
        using var from = Inputs.Open(_sealed);
        SHA256.HashData(from);
        Decrypt(from, Stream.Null);
        using var to = Inputs.Create(_opened);
        Decrypt(from, to);
    }

    private void Decrypt(FileStream from, Stream to)
    {
        from.Position = 0;
        using var cipher = new ChaCha20Poly1305(new byte[32]);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int count; (count = from.ReadAtLeast(_in, _in.Length, throwOnEndOfStream: false)) > 0;)
        {
            var plain = _out.AsSpan(0, count - Tag);
            cipher.Decrypt(_nonce, _in.AsSpan(0, plain.Length), _in.AsSpan(plain.Length, Tag), plain);
            content.AppendData(plain);
            to.Write(plain);
        }

        content.GetHashAndReset();
    }
}
