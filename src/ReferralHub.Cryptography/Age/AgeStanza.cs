namespace ReferralHub.Cryptography.Age;

/// <summary>One recipient stanza of an age header: the file key, wrapped for somebody. Spec: docs/protocol.md §2.1.</summary>
/// <param name="Type">The first argument, which names the kind of recipient.</param>
/// <param name="Args">The other arguments, each one or more printable ASCII characters.</param>
/// <param name="Body">The decoded body; may be empty.</param>
public sealed record AgeStanza(string Type, IReadOnlyList<string> Args, ReadOnlyMemory<byte> Body)
{
    /// <summary>The type of a hybrid post-quantum recipient.</summary>
    public const string HybridType = "mlkem768x25519";

    /// <summary>The type of an X25519 recipient, for an agency without a hybrid key.</summary>
    public const string X25519Type = "X25519";
}
