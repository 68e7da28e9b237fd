using System.Text;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Fuzz.Targets;

internal static class ArmorTarget
{
    private static readonly int[] Sizes = [0, 1, 47, 48, 49, 300];

    /// <summary>Armor has one spelling but for the ends of its lines and white space around it, and reads the same from any place.</summary>
    public static Target Text()
    {
        var texts = Sizes.Select(size => Write(new byte[size])).ToList();
        return new("armor", [.. texts, Seeds.Utf8(" \r\n\n" + Encoding.ASCII.GetString(texts[^1]).Replace("\n", "\r\n", StringComparison.Ordinal) + "\t\n")], input =>
        {
            if (!AgeArmor.TryOpen(new MemoryStream(input), out var file)) return false;
            using (file)
            {
                var bytes = new byte[file.Length];
                file.ReadExactly(bytes);
                OracleException.Require(file.ReadByte() == -1, "armor goes on behind its length");
                var text = Encoding.Latin1.GetString(input).Replace("\r\n", "\n", StringComparison.Ordinal).Trim(' ', '\t', '\r', '\n');
                OracleException.Require(Encoding.Latin1.GetString(Write(bytes)).Trim('\n') == text, "armor has another spelling");

                file.Position = bytes.Length / 2;
                var rest = new byte[bytes.Length - bytes.Length / 2];
                file.ReadExactly(rest);
                OracleException.Same(rest, bytes.AsSpan(bytes.Length / 2), "armor from the middle");
            }

            return true;
        })
        { Words = Seeds.Words("-----BEGIN AGE ENCRYPTED FILE-----\n", "-----END AGE ENCRYPTED FILE-----", "\r\n", "\r", "=", "==", " ", "\t") };
    }

    private static byte[] Write(byte[] bytes)
    {
        using var text = new MemoryStream();
        using (var armor = AgeArmor.Write(text)) armor.Write(bytes);
        return text.ToArray();
    }
}
