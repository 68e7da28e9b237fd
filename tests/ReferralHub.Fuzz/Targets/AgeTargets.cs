using System.Text.Json;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Fuzz.Targets;

internal static class AgeTargets
{
    // Around the 64 columns of a line.
    private static readonly int[] BodyLengths = [0, 1, 47, 48, 49, 96];

    /// <summary>A header has one spelling, every shorter beginning of it is a beginning, and what the wire allows is allowed at home.</summary>
    public static Target Header()
    {
        return new(
            "age-header",
            [
                Read("hybrid.age"),
                Read("passphrase.age"),
                new AgeHeader([.. BodyLengths.Select((size, i) => new AgeStanza("t", [.. Enumerable.Repeat("argument", i)], new byte[size]))], new byte[32]).ToBytes(),
                new AgeHeader([new("X25519", ["TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc"], new byte[32])], new byte[32]).ToBytes(),
            ],
            input =>
            {
                var wire = Check(input, AgeLimits.Wire);
                var local = Check(input, AgeLimits.Local);
                OracleException.Require(local || !wire, "what the wire allows is refused at home");
                OracleException.Require(wire || !AgeHeader.TryParse(input, out _, out _), "the wire's own reading allows more than its limits");
                return local;
            })
        { Words = Seeds.Words("-> ", "--- ", "---", "\n", "age-encryption.org/v1\n", "-> mlkem768x25519 ", "-> scrypt ", "=", "\r\n") };

        static byte[] Read(string file)
        {
            var bytes = Seeds.Vector("age/" + file);
            return bytes[..Math.Min(bytes.Length, 2048)];
        }
    }

    /// <summary>The stanza of a passphrase, up to where the work is done: salt and work have one spelling, and the work is bearable.</summary>
    public static Target Passphrase()
    {
        string[] salt = [CanonicalBase64.Unpadded.Encode(new byte[16])];
        return new(
            "scrypt",
            [
                Seeds.Vector("age/passphrase.age"),
                .. ((string[])["1", "18", "22"]).Select(work => new AgeHeader([new("scrypt", [.. salt, work], new byte[32])], new byte[32]).ToBytes()),
            ],
            input =>
            {
                if (AgeHeader.Read(input, AgeLimits.Local, out var header, out _) != AgeHeaderStatus.Complete) return false;
                var stanza = header!.Stanzas[0];
                if (!ScryptIdentity.TryRead(stanza, out var read, out var work)) return false;
                OracleException.Require(work is > 0 and <= 22 && read.Length == 16 && stanza.Body.Length == 32, "a stanza that costs too much or is too short");
                OracleException.Require(stanza.Args.SequenceEqual([CanonicalBase64.Unpadded.Encode(read), $"{work}"]), "a stanza of another spelling");
                return true;
            })
        { Words = Seeds.Words("-> scrypt ", " 22\n", " 1", "0", "-", "+", "==", "23", "4294967297") };
    }

    /// <summary>Whole files to a hybrid key: what opens to its end is exactly a file that was sealed.</summary>
    public static Target WholeFile()
    {
        using var vectors = JsonDocument.Parse(Seeds.Vector("age/age.json"));
        if (!HybridIdentity.TryParse(vectors.RootElement.GetProperty("hybrid")[0].GetProperty("identity").GetString(), out var identity))
            throw new InvalidDataException("tests/vectors/age has no identity.");
        byte[][] files = [Seeds.Vector("age/hybrid.age"), Seeds.Vector("age/empty.age")];
        return new("age-file", files, input =>
        {
            if (!KnownKey.OpensToItsEnd(new MemoryStream(input), identity, new byte[1000], null)) return false;
            OracleException.Require(files.Any(file => input.AsSpan().SequenceEqual(file)), "a file opens that nobody sealed");
            return true;
        })
        { Words = Seeds.Words("-> mlkem768x25519 ", "-> x\n\n", "-> X25519 ", "-> scrypt ") };
    }

    /// <summary>
    /// Chunks that are each authentic, in any number, order and length, marked last or not. Only the sequence that a sealer writes
    /// opens to its end.
    /// </summary>
    public static Target Stream() => new(
        "age-stream",
        [[4, 0], [4, 1], [4, 6], [0, 6, 5, 1], [0, 6, 1, 6, 6, 6], [0, 6, 1, 6, 6, 4]],
        new ChunkScript().Accepts);

    private static bool Check(byte[] input, AgeLimits limits)
    {
        var status = AgeHeader.Read(input, limits, out var header, out var length);
        OracleException.Require(status == AgeHeaderStatus.Complete == header is not null, "a header is there when it is complete");
        if (header is null) return false;

        OracleException.Same(header.ToBytes(), input.AsSpan(0, length), "header");
        for (var cut = length - 1; cut >= 0; cut /= 2)
        {
            OracleException.Require(AgeHeader.Read(input.AsSpan(0, cut), limits, out _, out _) == AgeHeaderStatus.Incomplete, "a beginning is not taken for one");
            if (cut == 0) break;
        }

        return true;
    }
}
