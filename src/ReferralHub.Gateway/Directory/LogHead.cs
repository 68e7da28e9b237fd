using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>The newest checkpoint of a log that was found to continue the one before.</summary>
internal sealed class LogHead
{
    public required HubLog Log { get; init; }

    public required long Size { get; set; }

    public required Digest Root { get; set; }

    /// <summary>Which audit log: 1, or a later one that a restored hub opened. Of the directory there is one.</summary>
    public int Number { get; set; } = 1;

    /// <summary>The signed note, kept as evidence.</summary>
    public required byte[] Note { get; set; }

    /// <summary>The time of its newest cosignature; null without one.</summary>
    public DateTimeOffset? CosignedAt { get; set; }

    public TreeHead Head => new(Size, Root);
}
