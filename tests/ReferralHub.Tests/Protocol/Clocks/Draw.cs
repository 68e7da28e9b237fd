using System.Buffers.Binary;
using System.Text;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Tests.Protocol.Clocks;

/// <summary>The bytes of SHA-256 over a counter: the same for the same seed, on every machine and runtime.</summary>
internal sealed class Draw(string seed)
{
    private int _drawn;

    public int Next(int below) =>
        (int)(BinaryPrimitives.ReadUInt32BigEndian(Digest.Of(Encoding.UTF8.GetBytes($"{seed} {_drawn++}")).AsSpan()) % below);
}
