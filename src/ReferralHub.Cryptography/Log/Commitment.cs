using System.Security.Cryptography;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// A leaf of the audit log: <c>0x01 || coarse type || HMAC-SHA-256(opening, event)</c>. It hides the event until somebody
/// shows the opening, and binds the hub to it; without the opening nobody can test a guess. Spec: docs/protocol.md §4.4.
/// </summary>
public static class Commitment
{
    /// <summary>The length of an opening in bytes.</summary>
    public const int OpeningSize = 32;

    /// <summary>The length of a leaf in bytes, whatever the event.</summary>
    public const int LeafSize = 2 + HMACSHA256.HashSizeInBytes;

    private const byte Version = 1;

    /// <summary>The leaf that commits to an event.</summary>
    /// <param name="type">The event's coarse type, which stays readable.</param>
    /// <param name="opening">32 bytes from a cryptographic random source, used for no other event.</param>
    /// <param name="eventBytes">The event as it is kept beside the log.</param>
    /// <exception cref="ArgumentException"><paramref name="opening"/> is not 32 bytes long.</exception>
    public static byte[] Leaf(byte type, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> eventBytes)
    {
        if (opening.Length != OpeningSize)
            throw new ArgumentException($"An opening is {OpeningSize} bytes, not {opening.Length}.", nameof(opening));

        return [Version, type, .. HMACSHA256.HashData(opening, eventBytes)];
    }

    /// <summary>Whether <paramref name="leaf"/> is the commitment to exactly this event with this opening.</summary>
    /// <param name="leaf">The leaf's bytes, from anywhere.</param>
    /// <param name="type">The coarse type that the event has.</param>
    /// <param name="opening">The opening, from anywhere; any length but 32 bytes gives false.</param>
    /// <param name="eventBytes">The event's bytes, from anywhere.</param>
    public static bool Opens(
        ReadOnlySpan<byte> leaf, byte type, ReadOnlySpan<byte> opening, ReadOnlySpan<byte> eventBytes) =>
        opening.Length == OpeningSize && leaf.SequenceEqual(Leaf(type, opening, eventBytes));
}
