using ReferralHub.Hub.Parts;

namespace ReferralHub.Hub.Referrals;

internal static class Claiming
{
    /// <summary>Why a claim refuses the statement that makes it, or null.</summary>
    public static Refusal? ToRefusal(this PartClaim claim) => claim switch
    {
        PartClaim.Claimed => null,
        PartClaim.Missing => Refusal.PartMissing,
        PartClaim.SizeDiffers => Refusal.PartSizeDiffers,
        PartClaim.Taken => Refusal.PartTaken,
    };
}
