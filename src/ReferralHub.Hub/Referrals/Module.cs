namespace ReferralHub.Hub.Referrals;

internal static class Module
{
    /// <summary>Adds the endpoints to a group that only active agencies reach.</summary>
    public static void MapReferrals(this IEndpointRouteBuilder active)
    {
        var referrals = active.MapGroup("/referrals").WithTags("Referrals");
        SubmitReferral.Map(referrals);
        Acknowledge.Map(referrals);
        ActAsSender.Map(referrals);
        RecordAccess.Map(referrals);
        ReleasePart.Map(referrals);
        NoticeRevocation.Map(referrals);
        HoldReferral.Map(referrals);
        RecordErasure.Map(referrals);
        RevokeConsent.Map(active.MapGroup("/consent-revocations").WithTags("Consents"));
        ExportEvidence.Map(referrals);
    }
}
