using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Consents;

/// <summary>
/// Who must keep and who has erased what belongs to a referral. Immutable; the one function that hub, gateways and auditors
/// share. Spec: docs/protocol.md §3.8.
/// </summary>
/// <param name="IsRevoked">Whether the consent behind it was taken back.</param>
/// <param name="SenderHolds">Whether the sender must keep it.</param>
/// <param name="RecipientHolds">Whether the recipient must keep it.</param>
/// <param name="IsErased">Whether the recipient has erased it.</param>
public sealed record Custody(bool IsRevoked, bool SenderHolds, bool RecipientHolds, bool IsErased)
{
    /// <summary>Where a referral begins.</summary>
    public static Custody Start { get; } = new(false, false, false, false);

    /// <summary>Whether anybody must keep it: the hub then erases nothing of it.</summary>
    public bool IsHeld => SenderHolds || RecipientHolds;

    /// <summary>Where it stands after a hold or an erasure receipt; null if that party may not say that then.</summary>
    /// <param name="party">Who says it.</param>
    /// <param name="said">A <see cref="LegalHold"/> or an <see cref="ErasureReceipt"/>.</param>
    /// <param name="approved">Whether a second person of that party has approved exactly this.</param>
    public Custody? Next(Party party, Statement said, bool approved) => said switch
    {
        LegalHold hold => approved && Holds(party) == (hold.Act is HoldAct.Released) ? With(party, hold.Act is HoldAct.Placed) : null,
        ErasureReceipt { Act: ErasureAct.Erased } => party is Party.Recipient && !IsErased && !RecipientHolds ? this with { IsErased = true } : null,
        // Nobody has asked for what was not revoked, and nobody is held who has not said so before with two people.
        ErasureReceipt kept => party is Party.Recipient && !IsErased && IsRevoked && (kept.Ground is not KeepGround.LegalHold || RecipientHolds) ? this : null,
        _ => null,
    };

    private bool Holds(Party party) => party is Party.Sender ? SenderHolds : RecipientHolds;

    private Custody With(Party party, bool holds) => party is Party.Sender ? this with { SenderHolds = holds } : this with { RecipientHolds = holds };
}
