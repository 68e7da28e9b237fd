using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Gateway.Outgoing;

/// <summary>
/// A statement of ours that the hub has not taken yet. It leaves in the transaction that keeps the hub's answer, so a crash
/// at any point only sends it again, which has no second effect (docs/protocol.md §3.1).
/// </summary>
internal sealed class OutboxItem
{
    /// <summary>The order of writing; within one stream also that of sending.</summary>
    public long Id { get; init; }

    /// <summary>What goes strictly in order: the referral's, agreement's or consent's id.</summary>
    public required Guid Stream { get; init; }

    public required Digest Statement { get; init; }

    /// <summary>A statement of another stream that the hub must have had before.</summary>
    public Digest? Needs { get; init; }

    public int Attempts { get; set; }

    public required DateTimeOffset NotBefore { get; set; }

    /// <summary>What kept the last attempt from succeeding; no content.</summary>
    public string? LastError { get; set; }
}
