using System.Runtime.InteropServices;
using SharpFuzz;
using SharpFuzz.Common;

namespace ReferralHub.Fuzz;

/// <summary>
/// Which branches an input took. SharpFuzz rewrites the product's assemblies so that each branch counts itself in a map; the
/// loop around it is <see cref="Campaign"/>, in this process, for a process for each input would cost more than the input.
/// </summary>
internal sealed unsafe class Coverage : IDisposable
{
    private const int MapBytes = 1 << 16;

    private static readonly string[] Product = ["ReferralHub.Cryptography.dll", "ReferralHub.Protocol.dll", "ReferralHub.Sealing.dll"];

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
    private readonly byte[] _seen = new byte[MapBytes];

    /// <summary>To be made before any product code runs in this process.</summary>
    public Coverage() => Trace.SharedMem = _map;

    /// <summary>Rewrites the product's assemblies in a folder.</summary>
    public static void Instrument(string folder)
    {
        foreach (var file in Product)
            foreach (var _ in Fuzzer.Instrument(Path.Combine(folder, file), _ => true, Options.Value)) { }
    }

    public void Forget()
    {
        new Span<byte>(_map, MapBytes).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the input just run took a branch that none before it took, or took one in another order of magnitude of times.</summary>
    public bool IsNew()
    {
        var isNew = false;
        var map = new Span<byte>(_map, MapBytes);
        for (int at = 0, next; (next = map[at..].IndexOfAnyExcept((byte)0)) >= 0; at++)
        {
            at += next;
            var bit = (byte)(1 << int.Min(int.Log2(map[at]), 7));
            isNew |= (_seen[at] & bit) == 0;
            _seen[at] |= bit;
        }

        return isNew;
    }

    public void Dispose()
    {
        Trace.SharedMem = null;
        NativeMemory.Free(_map);
    }
}
