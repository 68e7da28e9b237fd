using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ReferralHub.Cryptography.Encodings;

/// <summary>
/// One SHA-256 value (FIPS 180-4), 32 bytes: a statement's id, a part's digest, a node of a log.
/// Its text is 64 lowercase hexadecimal digits and nothing else. Spec: docs/protocol.md §1.4.
/// </summary>
public readonly struct Digest : IEquatable<Digest>
{
    /// <summary>The length of a digest in bytes.</summary>
    public const int Size = 32;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly Bytes _bytes;

    private Digest(Bytes bytes) => _bytes = bytes;

    /// <summary>The SHA-256 of <paramref name="data"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        var bytes = default(Bytes);
        SHA256.HashData(data, bytes);
        return new(bytes);
    }

    /// <summary>Takes a value that was computed elsewhere.</summary>
    /// <param name="raw">The value, 32 bytes; copied.</param>
    /// <exception cref="ArgumentException"><paramref name="raw"/> is not 32 bytes long.</exception>
    public static Digest From(ReadOnlySpan<byte> raw)
    {
        if (raw.Length != Size) throw new ArgumentException($"A digest is {Size} bytes, not {raw.Length}.", nameof(raw));

        var bytes = default(Bytes);
        raw.CopyTo(bytes);
        return new(bytes);
    }

    /// <summary>Reads the text form; false unless it is exactly 64 lowercase hexadecimal digits.</summary>
    /// <param name="hex">Text from anywhere, also null.</param>
    /// <param name="digest">The value, or the default (all zero) when false.</param>
    public static bool TryParse(string? hex, out Digest digest)
    {
        digest = default;
        if (hex is not { Length: 2 * Size } || hex.AsSpan().ContainsAnyExcept(LowerHex)) return false;
        digest = From(Convert.FromHexString(hex));
        return true;
    }

    /// <summary>The 32 bytes, read in place; valid as long as the variable it was taken from.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => _bytes;

    /// <summary>Copies the 32 bytes to the start of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination) => AsSpan().CopyTo(destination);

    /// <summary>A new array with the 32 bytes.</summary>
    public byte[] ToArray() => AsSpan().ToArray();

    /// <summary>64 lowercase hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(AsSpan());

    /// <inheritdoc/>
    public bool Equals(Digest other) => AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(AsSpan());
        return hash.ToHashCode();
    }

    /// <summary>Whether both are the same 32 bytes.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether the 32 bytes differ.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    [InlineArray(Size)]
    private struct Bytes
    {
        private byte _first;
    }
}
