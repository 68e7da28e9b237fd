using System.Runtime.InteropServices;

namespace ReferralHub.Gateway;

/// <summary>Makes new names in a folder survive a power cut: .NET opens no folders, so this asks the system itself.</summary>
internal static partial class DurableFolder
{
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenFile(path, 0);
        if (descriptor < 0) throw LastError(path);
        try
        {
            if (SyncFile(descriptor) != 0) throw LastError(path);
        }
        finally
        {
            _ = CloseFile(descriptor);
        }
    }

    private static IOException LastError(string path) =>
        new($"Could not make {path} durable: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);
}
