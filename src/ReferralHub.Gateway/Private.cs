namespace ReferralHub.Gateway;

/// <summary>Files and folders that only their owner may open.</summary>
internal static class Private
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A file that must not be there yet.</summary>
    public static FileStreamOptions NewFile(FileAccess access = FileAccess.Write)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = access };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File;
        return options;
    }

    public static void NewFolder(string path)
    {
        if (OperatingSystem.IsWindows()) System.IO.Directory.CreateDirectory(path);
        else System.IO.Directory.CreateDirectory(path, File | UnixFileMode.UserExecute);
    }
}
