using System.IO.MemoryMappedFiles;

namespace ReferralHub.Fuzz;

/// <summary>The input being read right now, in a file, so that it survives the process that it kills.</summary>
internal sealed class Journal : IDisposable
{
    private const int MaxBytes = 1 << 24;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public Journal(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, MaxBytes);
        _view = _file.CreateViewAccessor();
    }

    public void Write(byte[] input)
    {
        _view.Write(0, input.Length);
        _view.SafeMemoryMappedViewHandle.WriteSpan<byte>(sizeof(int), input);
    }

    public byte[] Read()
    {
        var input = new byte[_view.ReadInt32(0)];
        _view.ReadArray(sizeof(int), input, 0, input.Length);
        return input;
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
