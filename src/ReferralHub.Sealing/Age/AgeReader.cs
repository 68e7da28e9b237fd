using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ReferralHub.Cryptography.Age;

namespace ReferralHub.Sealing.Age;

/// <summary>
/// Reads an age v1 file, in memory that does not grow with it. What <see cref="TryRead"/> hands out is authentic, but only
/// the end of the payload proves that nothing is missing. Reference: https://c2sp.org/age. Spec: docs/protocol.md §2.3, §2.5.
/// </summary>
public sealed class AgeReader : IDisposable
{
    private const int FirstRead = 4096;

    private readonly Stream _source;
    private readonly long _start;
    private readonly PayloadCipher _cipher;
    private readonly byte[] _sealed = new byte[PayloadCipher.SealedChunkBytes];
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(PayloadCipher.ChunkBytes, pinned: true);
    private readonly long _sealedLength;
    private readonly long _chunks;
    private long _next;
    private int _taken;
    private int _held;
    private bool _broken;

    private AgeReader(Stream source, long start, PayloadCipher cipher)
    {
        (_source, _start, _cipher) = (source, start, cipher);
        _sealedLength = source.Length - start;
        _chunks = Math.Max(1, (_sealedLength + PayloadCipher.SealedChunkBytes - 1) / PayloadCipher.SealedChunkBytes);
        Length = Math.Max(0, _sealedLength - _chunks * PayloadCipher.TagBytes);
    }

    /// <summary>Bytes of the payload in clear, as the length of the file tells; proved when the end was read.</summary>
    public long Length { get; }

    /// <summary>Reads the header, unwraps the file key and checks the MAC.</summary>
    /// <param name="source">The file from its first byte at position 0; must seek; read synchronously; stays the caller's.</param>
    /// <param name="identities">Tried in order; they stay the caller's.</param>
    /// <param name="limits"><see cref="AgeLimits.Wire"/> for what another agency sent.</param>
    /// <param name="reader">The reader, at the beginning of the payload, or null when false.</param>
    /// <param name="fault">Null, or why the file does not open.</param>
    public static bool TryOpen(
        Stream source,
        IReadOnlyList<AgeIdentity> identities,
        AgeLimits limits,
        [NotNullWhen(true)] out AgeReader? reader,
        [NotNullWhen(false)] out AgeFault? fault)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(identities);
        reader = null;
        if (ReadHeader(source, limits, out var headerLength) is not { } header)
        {
            fault = AgeFault.HeaderMalformed;
            return false;
        }

        Span<byte> fileKey = stackalloc byte[FileKey.Bytes];
        fault = Unwrap(header, identities, fileKey);
        if (fault is null) fault = Begin(source, headerLength, fileKey, out reader);
        CryptographicOperations.ZeroMemory(fileKey);
        return reader is not null;
    }

    /// <summary>Unwraps a file's key, to keep it where the key that it is wrapped to ends; see <see cref="KnownFileKey"/>.</summary>
    /// <param name="source">The file; must seek; stays the caller's.</param>
    /// <param name="identities">Tried in order; they stay the caller's.</param>
    /// <param name="limits"><see cref="AgeLimits.Wire"/> for what another agency sent.</param>
    /// <param name="fileKey">Where to, <see cref="KnownFileKey.Size"/> bytes; the caller clears it. Cleared when false.</param>
    /// <returns>False when none of the identities opens the file.</returns>
    public static bool TryUnwrap(Stream source, IReadOnlyList<AgeIdentity> identities, AgeLimits limits, Span<byte> fileKey)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(identities);
        ArgumentOutOfRangeException.ThrowIfNotEqual(fileKey.Length, FileKey.Bytes, nameof(fileKey));
        if (ReadHeader(source, limits, out _) is { } header && Unwrap(header, identities, fileKey) is null) return true;
        CryptographicOperations.ZeroMemory(fileKey);
        return false;
    }

    /// <summary>Reads on.</summary>
    /// <param name="destination">Where to; not empty.</param>
    /// <param name="count">
    /// Bytes read; 0 at the end of the payload. Only that proves that all of it was read: <see cref="Length"/> bytes may be a cut file.
    /// </param>
    /// <returns>False when the file is not what was sealed; what was read before is to be forgotten.</returns>
    public bool TryRead(Span<byte> destination, out int count)
    {
        count = 0;
        if (_taken == _held && (_broken || _next < _chunks) && !TryOpenChunk()) return false;
        count = Math.Min(destination.Length, _held - _taken);
        _plain.AsSpan(_taken, count).CopyTo(destination);
        _taken += count;
        return true;
    }

    /// <summary>Reads all of a small payload, from the beginning.</summary>
    /// <param name="limit">The most bytes the caller is ready to take.</param>
    /// <param name="plain">The payload, in memory that is not moved; the caller clears it. Null when false.</param>
    /// <returns>False when it is longer, or the file is not what was sealed.</returns>
    public bool TryReadAll(int limit, [NotNullWhen(true)] out byte[]? plain)
    {
        plain = null;
        if (Length > limit) return false;
        var all = GC.AllocateUninitializedArray<byte>((int)Length, pinned: true);
        // At the end a byte is asked for that is not there: only that proves that nothing is missing.
        Span<byte> end = stackalloc byte[1];
        var read = 0;
        while (TryRead(read < all.Length ? all.AsSpan(read) : end, out var count))
        {
            read += count;
            if (count > 0) continue;
            plain = all;
            return true;
        }

        CryptographicOperations.ZeroMemory(all);
        return false;
    }

    /// <summary>Goes to a place in the payload; the chunks between are neither read nor checked.</summary>
    /// <param name="position">From 0 to <see cref="Length"/>.</param>
    /// <returns>False when the file is not what was sealed.</returns>
    internal bool TrySeek(long position)
    {
        // A place behind the last byte lies in the last chunk too, so that what stands there is opened.
        _next = Math.Min(position / PayloadCipher.ChunkBytes, _chunks - 1);
        var within = (int)(position - _next * PayloadCipher.ChunkBytes);
        if (!TryOpenChunk()) return false;
        _taken = within;
        return true;
    }

    /// <summary>Wipes the key and the plaintext that is held.</summary>
    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
    }

    private static AgeHeader? ReadHeader(Stream source, AgeLimits limits, out int length)
    {
        var prefix = new byte[FirstRead];
        var read = 0;
        while (true)
        {
            source.Position = read;
            var more = source.ReadAtLeast(prefix.AsSpan(read), prefix.Length - read, throwOnEndOfStream: false);
            read += more;
            var status = AgeHeader.Read(prefix.AsSpan(0, read), limits, out var header, out length);
            if (status == AgeHeaderStatus.Complete) return header;
            if (status == AgeHeaderStatus.Malformed || read < prefix.Length) return null;
            Array.Resize(ref prefix, prefix.Length * 4);
        }
    }

    private static AgeFault? Unwrap(AgeHeader header, IReadOnlyList<AgeIdentity> identities, Span<byte> fileKey)
    {
        // Who knows the passphrase must know who else could open the file: nobody.
        if (header.Stanzas.Count > 1 && header.Stanzas.Any(s => s.Type == ScryptRecipient.StanzaType))
            return AgeFault.HeaderMalformed;

        foreach (var identity in identities)
        {
            var fault = identity.Unwrap(header, fileKey);
            if (fault != AgeFault.NotMine) return fault ?? CheckMac(header, fileKey);
        }
        return AgeFault.NotMine;
    }

    private static AgeFault? CheckMac(AgeHeader header, ReadOnlySpan<byte> fileKey) =>
        CryptographicOperations.FixedTimeEquals(FileKey.HeaderMac(fileKey, header.MacInput()), header.Mac.Span)
            ? null
            : AgeFault.HeaderForged;

    private static AgeFault? Begin(Stream source, int headerLength, ReadOnlySpan<byte> fileKey, out AgeReader? reader)
    {
        reader = null;
        Span<byte> nonce = stackalloc byte[FileKey.PayloadNonceBytes];
        source.Position = headerLength;
        if (source.ReadAtLeast(nonce, nonce.Length, throwOnEndOfStream: false) < nonce.Length)
            return AgeFault.HeaderMalformed;

        reader = new AgeReader(source, headerLength + nonce.Length, FileKey.PayloadCipher(fileKey, nonce));
        return null;
    }

    private bool TryOpenChunk()
    {
        if (_broken) return false;
        var at = _next * PayloadCipher.SealedChunkBytes;
        var chunk = _sealed.AsSpan(0, (int)Math.Min(PayloadCipher.SealedChunkBytes, _sealedLength - at));
        var last = _next == _chunks - 1;
        _taken = 0;
        _held = 0;
        // The last chunk is never empty unless the payload is.
        if (chunk.Length < PayloadCipher.TagBytes || (chunk.Length == PayloadCipher.TagBytes && _next > 0)) return false;

        _source.Position = _start + at;
        if (_source.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) < chunk.Length) return false;
        var plain = _plain.AsSpan(0, chunk.Length - PayloadCipher.TagBytes);
        if (!_cipher.TryOpen(_next, last, chunk, plain))
        {
            // A full chunk may be authentic and yet not end where the file does, cut or extended at this place. It is released like
            // all before it; then reading fails.
            if (chunk.Length < PayloadCipher.SealedChunkBytes || !_cipher.TryOpen(_next, !last, chunk, plain)) return false;
            _broken = true;
        }

        _next++;
        _held = plain.Length;
        return true;
    }
}
