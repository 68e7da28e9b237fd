using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Gateway.Directory;

/// <summary>One entry of the directory log, as received.</summary>
internal sealed class DirectoryEntry
{
    public required long Index { get; init; }

    public required byte[] Bytes { get; init; }

    /// <summary>Root of the log up to and with this entry: what a statement's or an event's <c>dir</c> is compared with.</summary>
    public required Digest Root { get; init; }
}
