using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>
/// A second person of the issuer, signed in on their own, stands behind one of its statements: a referral without consent,
/// or a legal hold. Handed in before it. Spec: docs/protocol.md §3.3.
/// </summary>
public sealed record Approval : Statement
{
    /// <summary>Id of the statement, which the issuer has signed and not handed in yet.</summary>
    public required Digest Approves { get; init; }

    /// <summary>The other party of it.</summary>
    public required AgencyId To { get; init; }

    /// <summary>Who approves.</summary>
    public required Handle By { get; init; }

    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Approval;

    /// <inheritdoc/>
    public override Handle? Person => By;

    internal override bool IsWellFormed => Issuer != AgencyId.Hub && To != AgencyId.Hub && Issuer != To;

    /// <summary>Whether this is a second person's word for a statement of <paramref name="issuer"/> said by <paramref name="first"/>.</summary>
    /// <remarks>That two handles are two people only their agency knows.</remarks>
    public bool IsSecondTo(AgencyId issuer, Handle first) => Issuer == issuer && By != first;
}
