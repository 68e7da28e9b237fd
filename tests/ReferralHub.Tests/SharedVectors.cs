namespace ReferralHub.Tests;

/// <summary>Others' test vectors, which the project does not carry: <c>VECTORS</c>, or <c>../shared/vectors</c> beside the checkout.</summary>
internal static class SharedVectors
{
    public static string Find(params string[] path)
    {
        var folder = Environment.GetEnvironmentVariable("VECTORS") ?? Path.Combine(Vectors.Root(), "..", "shared", "vectors");
        return Path.Combine([folder, .. path]);
    }

    /// <summary>Says how much of a set was run, and why the rest was not.</summary>
    public static void Report(string set, int ran, int all, string rest) =>
        Console.WriteLine($"{set}: ran {ran} of {all}{(ran == all ? "" : $" ({rest})")}");
}
