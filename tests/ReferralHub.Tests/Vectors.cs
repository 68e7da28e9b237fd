namespace ReferralHub.Tests;

/// <summary>The files under tests/vectors of the checkout that the tests were built in.</summary>
internal static class Vectors
{
    public static byte[] Read(string set, string name) => File.ReadAllBytes(Path.Combine(Root(), "tests", "vectors", set, name));

    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ReferralHub.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests run from inside the checkout.");
    }
}
