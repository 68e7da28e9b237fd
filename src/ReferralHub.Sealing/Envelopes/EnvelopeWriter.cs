using System.Security.Cryptography;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>Writes the tar inside an envelope, member by member, and its padding. Spec: docs/protocol.md §2.4.</summary>
internal sealed class EnvelopeWriter(AgeWriter age) : IDisposable
{
    private const int EndBytes = 2 * TarHeader.BlockBytes;

    private readonly List<MemberDigest> _members = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private long _written;

    public IReadOnlyList<MemberDigest> Members => _members;

    public async Task AddAsync(EnvelopeMember member, CancellationToken cancellation)
    {
        WriteHeader(member.Path, member.Size);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var content = member.Open();
        long size = 0;
        int read;
        while ((read = await content.ReadAsync(_buffer, cancellation)) > 0)
        {
            // Before it is written: a longer content would stand where the next header belongs.
            size += read;
            if (size > member.Size) break;
            hash.AppendData(_buffer, 0, read);
            Write(_buffer.AsSpan(0, read));
        }

        if (size != member.Size) throw new InvalidDataException($"The content of {member.Path} is not {member.Size} bytes long.");
        WriteZeros(TarHeader.Gap(size));
        _members.Add(new MemberDigest(member.Path, size, Digest.From(hash.GetHashAndReset())));
    }

    public void Finish(Jws innerStatement)
    {
        var token = Encoding.ASCII.GetBytes(innerStatement.Token);
        WriteHeader(EnvelopeLayout.StatementPath, token.Length);
        Write(token);
        WriteZeros(TarHeader.Gap(token.Length) + EndBytes);
        WriteZeros(Padme.EnvelopeLength(_written) - _written);
    }

    /// <summary>Wipes the plaintext that is held.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_buffer);

    private void WriteHeader(string path, long size)
    {
        Span<byte> block = stackalloc byte[TarHeader.BlockBytes];
        TarHeader.Format(path, size, block);
        Write(block);
    }

    private void WriteZeros(long count)
    {
        Array.Clear(_buffer);
        for (; count > 0; count -= _buffer.Length) Write(_buffer.AsSpan(0, (int)Math.Min(count, _buffer.Length)));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        age.Write(bytes);
        _written += bytes.Length;
    }
}
