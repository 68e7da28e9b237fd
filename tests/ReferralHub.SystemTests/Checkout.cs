namespace ReferralHub.SystemTests;

/// <summary>The checkout that the tests were built in.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Copies all that a build of <c>src</c> reads.</summary>
    public static void CopySources(string to)
    {
        foreach (var file in Directory.EnumerateFiles(Root).Where(f => !f.EndsWith(".sln", StringComparison.Ordinal)))
            File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
        foreach (var file in Directory.EnumerateFiles(Path("src"), "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(Root, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "ReferralHub.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests run from inside the checkout.");
    }
}
