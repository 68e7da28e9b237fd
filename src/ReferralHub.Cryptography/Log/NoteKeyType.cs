namespace ReferralHub.Cryptography.Log;

/// <summary>How a key signs a note: the type byte of a verifier key (C2SP signed-note). Spec: docs/protocol.md §4.1.</summary>
public enum NoteKeyType
{
    /// <summary>Ed25519 over the text: a log.</summary>
    Log = 0x01,

    /// <summary>Ed25519 over the text and a time (C2SP tlog-cosignature): a witness or the hub's cosigner.</summary>
    Cosigner = 0x04,
}
