using System.Text;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Fuzz.Targets;

/// <summary>What the targets begin from: a genuine story of a referral, with fixed keys, and tests/vectors.</summary>
internal static class Seeds
{
    public static Story Story { get; } = new Story().Play();

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[][] Words(params string[] words) => [.. words.Select(Utf8)];

    /// <summary>A seed of a target that reads several formats: the first byte says which.</summary>
    public static byte[] Of(int kind, ReadOnlySpan<byte> bytes) => [(byte)kind, .. bytes];

    /// <summary>A file under tests/vectors, found from the folder that the program is started in or built in.</summary>
    public static byte[] Vector(string path)
    {
        foreach (var start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var file = Path.Combine(folder.FullName, "tests", "vectors", path);
                if (File.Exists(file)) return File.ReadAllBytes(file);
            }
        }

        throw new FileNotFoundException("To be run inside the checkout.", path);
    }
}
