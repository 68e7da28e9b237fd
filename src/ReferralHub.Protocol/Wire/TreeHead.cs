using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Protocol.Wire;

/// <summary>A state of a log.</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="Root">RFC 6962 root of them.</param>
public sealed record TreeHead(long Size, Digest Root);
