using System.Buffers.Binary;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// A cosigner's word that at this time the checkpoint was the newest consistent one it had seen (C2SP tlog-cosignature,
/// type 0x04). Spec: docs/protocol.md §4.1.
/// </summary>
/// <param name="Key">Who cosigned.</param>
/// <param name="Time">When, by the cosigner's clock, in whole seconds.</param>
public sealed record Cosignature(NoteKey Key, DateTimeOffset Time)
{
    // u64 seconds || signature
    internal const int Size = sizeof(long) + VerifyingKey.SignatureSize;

    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    internal static byte[] Message(long seconds, ReadOnlySpan<byte> text) =>
        [.. Encoding.ASCII.GetBytes($"cosignature/v1\ntime {CanonicalDecimal.Format(seconds)}\n"), .. text];

    internal static Cosignature? Open(NoteKey key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> value)
    {
        if (value.Length != Size) return null;

        var seconds = BinaryPrimitives.ReadInt64BigEndian(value);
        if (seconds < 0 || seconds > LastSecond) return null;
        return key.Key.Verifies(Message(seconds, text), value[sizeof(long)..])
            ? new(key, DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;
    }
}
