using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Gateway.Directory;

/// <summary>The one hub that this gateway belongs to, and how far it has followed it. There is one row, with id 1.</summary>
internal sealed class HubBinding
{
    public const int Only = 1;

    public int Id { get; init; } = Only;

    public required string Url { get; init; }

    /// <summary>F: what people named the hub by.</summary>
    public required Digest Fingerprint { get; init; }

    /// <summary>Our request for a certificate, PEM: kept, since only the same request again gets the same answer.</summary>
    public required string CertificateRequest { get; init; }

    /// <summary>Our certificate and the CA's, PEM; null between meeting the hub and joining it.</summary>
    public string? Certificates { get; set; }

    /// <summary>The last feed item kept; committed together with what it brought.</summary>
    public long FeedPosition { get; set; }

    /// <summary>When the feed was last read to its end.</summary>
    public DateTimeOffset? FeedReadAt { get; set; }
}
