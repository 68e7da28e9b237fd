using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Fuzz.Targets;

/// <summary>Age files whose file key needs no unwrapping, so that an input costs what it costs to read.</summary>
internal sealed class KnownKey() : AgeIdentity(new SecretBytes(Key))
{
    private static readonly byte[] Key = [.. Enumerable.Repeat((byte)7, FileKey.Bytes)];
    private static readonly byte[] Nonce = [.. Enumerable.Repeat((byte)8, FileKey.PayloadNonceBytes)];
    private static readonly byte[] Header = MakeHeader();

    /// <summary>The cipher of every such file's payload.</summary>
    public static PayloadCipher Cipher() => FileKey.PayloadCipher(Key, Nonce);

    /// <summary>A file with this payload, whatever that is.</summary>
    public static byte[] File(ReadOnlySpan<byte> payload) => [.. Header, .. Nonce, .. payload];

    /// <summary>Begins such a file: what follows is its payload.</summary>
    public static void Begin(Stream file)
    {
        file.Write(Header);
        file.Write(Nonce);
    }

    /// <summary>A file that seals this.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> plain)
    {
        using var cipher = Cipher();
        var payload = new byte[plain.Length + (Math.Max(0, plain.Length - 1) / PayloadCipher.ChunkBytes + 1) * PayloadCipher.TagBytes];
        var rest = payload.AsSpan();
        for (var number = 0; ; number++)
        {
            var size = Math.Min(plain.Length, PayloadCipher.ChunkBytes);
            cipher.Seal(number, last: size == plain.Length, plain[..size], rest[..(size + PayloadCipher.TagBytes)]);
            if (size == plain.Length) return File(payload);
            plain = plain[size..];
            rest = rest[(size + PayloadCipher.TagBytes)..];
        }
    }

    /// <summary>Reads a whole file; false when it does not open, or not to its end.</summary>
    public static bool OpensToItsEnd(Stream file, AgeIdentity identity, byte[] buffer, Stream? plain)
    {
        if (!AgeReader.TryOpen(file, [identity], AgeLimits.Local, out var reader, out _)) return false;
        using (reader)
        {
            while (reader.TryRead(buffer, out var count))
            {
                if (count == 0) return true;
                plain?.Write(buffer, 0, count);
            }

            return false;
        }
    }

    internal override AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey)
    {
        Key.CopyTo(fileKey);
        return null;
    }

    private static byte[] MakeHeader()
    {
        var header = new AgeHeader([new("known", [], default)], mac: default);
        return new AgeHeader(header.Stanzas, FileKey.HeaderMac(Key, header.MacInput())).ToBytes();
    }
}
