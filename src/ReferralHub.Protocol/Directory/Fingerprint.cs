using System.Globalization;
using System.Numerics;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What two people read to each other before a registrar signs. Spec: docs/protocol.md §2.2.</summary>
public static class Fingerprint
{
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
}
