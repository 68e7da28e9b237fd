using System.Text.Json;

namespace ReferralHub.Tests;

/// <summary>Others' test vectors, which the project does not carry: <c>VECTORS</c>, or <c>../shared/vectors</c> beside the checkout.</summary>
internal static class SharedVectors
{
    public static string Find(params string[] path)
    {
        var folder = Environment.GetEnvironmentVariable("VECTORS") ?? Path.Combine(Vectors.Root(), "..", "shared", "vectors");
        return Path.Combine([folder, .. path]);
    }

    public static JsonElement Json(params string[] path) => JsonElement.Parse(File.ReadAllBytes(Find(path)));

    /// <summary>The cases of a Wycheproof file, each with what its group says.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Case)> Wycheproof(string file) =>
        from theGroup in Json("wycheproof", file).GetProperty("testGroups").EnumerateArray()
        from test in theGroup.GetProperty("tests").EnumerateArray()
        select (theGroup, test);

    public static byte[] Hex(this JsonElement vector, string name) => Convert.FromHexString(vector.GetProperty(name).GetString()!);

    /// <summary>Whether a Wycheproof case is to be accepted.</summary>
    public static bool IsValid(this JsonElement test) => test.GetProperty("result").GetString() == "valid";
}
