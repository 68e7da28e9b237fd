using System.Security.Cryptography;

namespace ReferralHub.Sealing.Keys;

/// <summary>Secret bytes in memory that the garbage collector does not move, and so does not copy; wiped on disposal.</summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;
    private bool _wiped;

    public SecretBytes(ReadOnlySpan<byte> secret)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_bytes);
    }

    private SecretBytes(int length)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        RandomNumberGenerator.Fill(_bytes);
    }

    /// <exception cref="ObjectDisposedException">The secret was wiped.</exception>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_wiped, this);
            return _bytes;
        }
    }

    public static SecretBytes Random(int length) => new(length);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _wiped = true;
    }

    public override string ToString() => $"{_bytes.Length} secret bytes";
}
