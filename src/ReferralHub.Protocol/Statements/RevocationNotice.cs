using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// The grantor told the recipient that the consent is taken back. The recipient forwards that to the sender, who obtained the
/// consent and alone can revoke it. Spec: docs/protocol.md §3.3, §3.8.
/// </summary>
public sealed record RevocationNotice : FollowUp
{
    /// <summary>Who was told.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.RevocationNotice;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed => Issuer != AgencyId.Hub;
}
