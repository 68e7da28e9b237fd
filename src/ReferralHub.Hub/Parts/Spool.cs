using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Hub.Parts;

/// <summary>
/// An upload on its way, in a file of the data folder. Held by one request at a time. What a crash leaves of it is only a
/// head start: the digest over all of it decides, and the part counts once the database has it.
/// </summary>
/// <param name="file">What came of it.</param>
/// <param name="ended">Told when the request lets it go, and whether the upload is over: then it removes the file.</param>
internal sealed class Spool(FileStream file, Action<bool> ended) : IDisposable
{
    private const int LongestHeader = 128 << 10;

    private bool _over;

    /// <summary>Bytes that are here.</summary>
    public long Length => file.Length;

    /// <summary>Writes what comes at <paramref name="from"/>, in the place of what was there, until it ends.</summary>
    /// <returns>False when more than <paramref name="most"/> bytes came.</returns>
    public async Task<bool> Append(PipeReader body, long from, long most, CancellationToken ct)
    {
        file.SetLength(from);
        file.Position = from;
        while (true)
        {
            var read = await body.ReadAsync(ct);
            foreach (var piece in read.Buffer)
            {
                if (piece.Length > most) return false;
                await file.WriteAsync(piece, ct);
                most -= piece.Length;
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return true;
        }
    }

    /// <summary>Whether all of it has this digest: read again from the start, since an upload can come in many pieces.</summary>
    public async Task<bool> Has(Digest sha256, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var piece in Read(0, ct)) hash.AppendData(piece.Span);
        return Digest.From(hash.GetHashAndReset()) == sha256;
    }

    /// <summary>Whether it begins with the one age header that the wire allows (docs/protocol.md §2.3).</summary>
    public async Task<bool> IsSealed(CancellationToken ct)
    {
        var prefix = ArrayPool<byte>.Shared.Rent(LongestHeader);
        try
        {
            file.Position = 0;
            var length = await file.ReadAtLeastAsync(prefix.AsMemory(0, LongestHeader), LongestHeader, throwOnEndOfStream: false, ct);
            return AgeHeader.TryParse(prefix.AsSpan(0, length), out _, out _);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(prefix);
        }
    }

    /// <summary>All of it from <paramref name="from"/> on, in pieces of <see cref="Limits.PartRowBytes"/>; each is valid until the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> Read(long from, [EnumeratorCancellation] CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Limits.PartRowBytes);
        try
        {
            file.Position = from;
            while (await file.ReadAtLeastAsync(buffer.AsMemory(0, Limits.PartRowBytes), Limits.PartRowBytes, throwOnEndOfStream: false, ct) is > 0 and var length)
                yield return buffer.AsMemory(0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Ends it: the part is stored, or can never become one. What came of it goes when this is disposed.</summary>
    public void End() => _over = true;

    public void Dispose()
    {
        file.Dispose();
        ended(_over);
    }
}
