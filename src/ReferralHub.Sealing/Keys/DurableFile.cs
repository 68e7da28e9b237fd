using System.Runtime.InteropServices;

namespace ReferralHub.Sealing.Keys;

/// <summary>Replaces a file so that after a crash the old content is there, or the new one, never a mixture or nothing.</summary>
internal static partial class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes <paramref name="content"/> beside <paramref name="path"/>, makes it durable, and puts it in its place.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        path = Path.GetFullPath(path);
        var beside = path + ".new";

        // What a crash left there may have another mode: the mode is set only on creation.
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(beside, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        if (!OperatingSystem.IsWindows()) SyncDirectory(Path.GetDirectoryName(path)!);
    }

    // .NET opens no directories. Without this the rename itself can be lost in a power cut.
    private static void SyncDirectory(string path)
    {
        const int ReadOnly = 0;
        var descriptor = OpenFile(path, ReadOnly);
        if (descriptor < 0) throw LastError(path);
        try
        {
            if (Sync(descriptor) != 0) throw LastError(path);
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
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);
}
