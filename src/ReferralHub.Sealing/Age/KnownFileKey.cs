using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Sealing.Age;

/// <summary>Opens the one file whose key was unwrapped before, when the key that it was wrapped to is gone. Spec: docs/protocol.md §2.7.</summary>
public sealed class KnownFileKey : AgeIdentity
{
    /// <summary>The length of a file key in bytes.</summary>
    public const int Size = FileKey.Bytes;

    /// <summary>Takes over a copy.</summary>
    /// <param name="fileKey">The key, <see cref="Size"/> bytes; the caller clears it.</param>
    public KnownFileKey(ReadOnlySpan<byte> fileKey)
        : base(new SecretBytes(fileKey)) => ArgumentOutOfRangeException.ThrowIfNotEqual(fileKey.Length, Size, nameof(fileKey));

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => "the key of one file";

    // Of another file it is not the key: the header's MAC says so.
    internal override AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey)
    {
        Secret.CopyTo(fileKey);
        return null;
    }
}
