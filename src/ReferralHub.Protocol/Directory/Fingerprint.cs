using System.Globalization;
using System.Numerics;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What two people read to each other before a registrar signs, as digits or as words. Spec: docs/protocol.md §2.2.</summary>
public static class Fingerprint
{
    private const int WordCount = 12;
    private const int WordBits = 11;
    private const int DigestBits = 256;

    // The English list of BIP-39 as npm @scure/bip39 2.4.0 carries it (MIT), which docs/protocol.md names by its digest.
    private static readonly Lazy<string[]> List = new(ReadList);

    /// <summary>Binds the recovery key to this agency at this hub.</summary>
    public static Digest Of(Origin origin, AgencyId agency, VerifyingKey recovery)
    {
        ArgumentNullException.ThrowIfNull(recovery);
        return Digest.Of([.. Encoding.ASCII.GetBytes($"{origin}\n{agency}\n"), .. recovery.ToArray()]);
    }

    /// <summary>Sixty decimal digits in twelve groups of five.</summary>
    public static string Digits(Digest fingerprint)
    {
        var number = new BigInteger(fingerprint.ToArray(), isUnsigned: true, isBigEndian: true) % BigInteger.Pow(10, 60);
        var digits = number.ToString("D60", CultureInfo.InvariantCulture);
        return string.Join(' ', digits.Chunk(5).Select(group => new string(group)));
    }

    /// <summary>Twelve words of a list of 2,048, for the first 132 bits: whoever compares them compares those.</summary>
    public static string Words(Digest fingerprint)
    {
        var bits = new BigInteger(fingerprint.ToArray(), isUnsigned: true, isBigEndian: true);
        return string.Join(' ', Enumerable.Range(1, WordCount).Select(n => List.Value[(int)(bits >> DigestBits - n * WordBits & (1 << WordBits) - 1)]));
    }

    private static string[] ReadList()
    {
        using var list = new StreamReader(typeof(Fingerprint).Assembly.GetManifestResourceStream("fingerprint-words.txt")!, Encoding.ASCII);
        return list.ReadToEnd().TrimEnd('\n').Split('\n');
    }
}
