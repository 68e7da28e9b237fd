using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Cryptography.Log;

/// <summary>
/// A key that checks signatures on notes, and its text form, the verifier key <c>NAME+KEYID+BASE64(type || key)</c>
/// (C2SP signed-note). Spec: docs/protocol.md §4.1.
/// </summary>
public sealed class NoteKey : IEquatable<NoteKey>
{
    /// <summary>The longest name in characters.</summary>
    public const int MaxNameLength = 255;

    private static readonly SearchValues<char> NameLetters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(letter => letter != '+')]);

    /// <summary>Gives a key a name and a purpose.</summary>
    /// <param name="name">A log's origin or a cosigner's name: 1 to 255 visible ASCII characters without <c>+</c>.</param>
    /// <param name="type">What the key signs.</param>
    /// <param name="key">The public key.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> has another form, or <paramref name="type"/> is unknown.</exception>
    public NoteKey(string name, NoteKeyType type, VerifyingKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!IsName(name)) throw new ArgumentException($"Not a key name: '{name}'.", nameof(name));
        if (!Enum.IsDefined(type)) throw new ArgumentException($"Not a key type: {type}.", nameof(type));

        (Name, Type, Key) = (name, type, key);
        byte[] named = [.. Encoding.ASCII.GetBytes(name), (byte)'\n', .. TypedKey];
        Id = BinaryPrimitives.ReadUInt32BigEndian(Digest.Of(named).AsSpan());
    }

    /// <summary>The name on the signature line.</summary>
    public string Name { get; }

    /// <summary>What the key signs.</summary>
    public NoteKeyType Type { get; }

    /// <summary>The public key.</summary>
    public VerifyingKey Key { get; }

    /// <summary>The key id on the signature line: the first 4 bytes of SHA-256(name LF type key), big-endian.</summary>
    public uint Id { get; }

    private byte[] TypedKey => [(byte)Type, .. Key.ToArray()];

    /// <summary>Reads a verifier key; false unless its id fits, its type is known and it has the one allowed spelling.</summary>
    /// <param name="text">Text from anywhere, also null.</param>
    /// <param name="key">The key, or null when false.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NoteKey? key)
    {
        key = null;
        // The base64 part may hold further plus signs.
        if (text?.Split('+', 3) is not [var name, _, var base64]
            || !IsName(name)
            || !CanonicalBase64.Padded.TryDecode(base64, out var typed)
            || typed.Length != 1 + VerifyingKey.Size
            || !Enum.IsDefined((NoteKeyType)typed[0])
            || !VerifyingKey.TryImport(typed.AsSpan(1), out var verifying))
        {
            return false;
        }

        var read = new NoteKey(name, (NoteKeyType)typed[0], verifying);
        if (read.ToString() != text) return false;
        key = read;
        return true;
    }

    /// <summary>The verifier key as text.</summary>
    public override string ToString() =>
        $"{Name}+{Id.ToString("x8", CultureInfo.InvariantCulture)}+{CanonicalBase64.Padded.Encode(TypedKey)}";

    /// <inheritdoc/>
    public bool Equals(NoteKey? other) => other is not null && Name == other.Name && Type == other.Type && Key.Equals(other.Key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NoteKey);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Key);

    internal static bool IsName(string? name) =>
        name is { Length: >= 1 and <= MaxNameLength } && !name.AsSpan().ContainsAnyExcept(NameLetters);
}
