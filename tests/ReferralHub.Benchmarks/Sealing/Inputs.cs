namespace ReferralHub.Benchmarks.Sealing;

/// <summary>The files of the scenario: opened the same way by all contenders, each written over what was there.</summary>
internal static class Inputs
{
    public static void Write(string path, int size)
    {
        var content = new byte[size];
        for (var i = 0; i < size; i++) content[i] = (byte)(i >> 8 & 0xFF);
        File.WriteAllBytes(path, content);
    }

    public static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    public static FileStream Create(string path) => new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
}
