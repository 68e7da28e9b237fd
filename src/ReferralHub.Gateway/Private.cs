using System.Runtime.InteropServices;

namespace ReferralHub.Gateway;

/// <summary>Files and folders that only their owner may open.</summary>
internal static partial class Private
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const uint NobodyElse = 0b000_111_111;

    /// <summary>
    /// Whatever this process makes, SQLite's files and the socket among it, is its owner's alone from the first moment on:
    /// also in a data folder that somebody made with wider rights.
    /// </summary>
    public static void ByDefault()
    {
        if (!OperatingSystem.IsWindows()) _ = SetMask(NobodyElse);
    }

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

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
