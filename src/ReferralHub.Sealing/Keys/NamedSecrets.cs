using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace ReferralHub.Sealing.Keys;

/// <summary>
/// Secrets by name, as a key file keeps them. Encoded as u16 count, then per secret in ordinal order of name: u8 length and
/// name in ASCII, u32 length and bytes; numbers big-endian. Spec: docs/protocol.md §2.7.
/// </summary>
public sealed partial class NamedSecrets : IDisposable
{
    /// <summary>The most secrets in a file.</summary>
    public const int MaxCount = 1024;

    /// <summary>The most bytes of one secret.</summary>
    public const int MaxSize = 64 * 1024;

    private readonly SortedDictionary<string, SecretBytes> _secrets = new(StringComparer.Ordinal);

    /// <summary>The names, in ordinal order.</summary>
    public IReadOnlyCollection<string> Names => _secrets.Keys;

    /// <summary>A secret, read in place; valid until this is disposed.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public ReadOnlySpan<byte> this[string name] => _secrets[name].Span;

    /// <summary>Adds a secret.</summary>
    /// <param name="name">1 to 64 of <c>a-z 0-9 - /</c>, not there yet.</param>
    /// <param name="secret">At most <see cref="MaxSize"/> bytes; copied. The caller clears them.</param>
    /// <exception cref="ArgumentException">The name or the secret is not such a one, or there are <see cref="MaxCount"/>.</exception>
    public void Add(string name, ReadOnlySpan<byte> secret)
    {
        if (!TryAdd(name, secret)) throw new ArgumentException($"Cannot add a secret of {secret.Length} bytes as '{name}'.", nameof(name));
    }

    /// <summary>Whether there is a secret of that name.</summary>
    public bool Contains(string name) => _secrets.ContainsKey(name);

    /// <summary>Wipes all of them.</summary>
    public void Dispose()
    {
        foreach (var secret in _secrets.Values) secret.Dispose();
    }

    /// <summary>The number of secrets; not their names.</summary>
    public override string ToString() => $"{_secrets.Count} secrets";

    /// <summary>The encoding, in pinned memory that the caller clears.</summary>
    internal byte[] Encode()
    {
        var size = sizeof(ushort) + _secrets.Sum(s => 1 + s.Key.Length + sizeof(uint) + s.Value.Span.Length);
        var bytes = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)_secrets.Count);
        var rest = bytes.AsSpan(sizeof(ushort));
        foreach (var (name, secret) in _secrets)
        {
            rest[0] = (byte)name.Length;
            Encoding.ASCII.GetBytes(name, rest[1..]);
            rest = rest[(1 + name.Length)..];
            BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)secret.Span.Length);
            secret.Span.CopyTo(rest[sizeof(uint)..]);
            rest = rest[(sizeof(uint) + secret.Span.Length)..];
        }

        return bytes;
    }

    /// <summary>Reads an encoding; false for any that <see cref="Encode"/> would not give.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NamedSecrets? secrets)
    {
        secrets = new NamedSecrets();
        if (secrets.TryFill(bytes)) return true;
        secrets.Dispose();
        secrets = null;
        return false;
    }

    private bool TryFill(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(ushort)) return false;
        var count = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        var rest = bytes[sizeof(ushort)..];
        var previous = "";
        for (var i = 0; i < count; i++)
        {
            if (rest.IsEmpty || rest.Length < 1 + rest[0] + sizeof(uint)) return false;
            var name = Encoding.Latin1.GetString(rest.Slice(1, rest[0]));
            rest = rest[(1 + name.Length)..];
            var size = BinaryPrimitives.ReadUInt32BigEndian(rest);
            rest = rest[sizeof(uint)..];
            if (size > rest.Length || string.CompareOrdinal(previous, name) >= 0 || !TryAdd(name, rest[..(int)size])) return false;
            rest = rest[(int)size..];
            previous = name;
        }

        return rest.IsEmpty;
    }

    private bool TryAdd(string name, ReadOnlySpan<byte> secret)
    {
        if (_secrets.Count == MaxCount || secret.Length > MaxSize || !NameGrammar().IsMatch(name)) return false;
        var copy = new SecretBytes(secret);
        if (_secrets.TryAdd(name, copy)) return true;
        copy.Dispose();
        return false;
    }

    [GeneratedRegex(@"^[a-z0-9/-]{1,64}\z")]
    private static partial Regex NameGrammar();
}
