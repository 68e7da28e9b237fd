namespace ReferralHub.Hub.Consents;

internal static class Module
{
    /// <summary>Adds the endpoints to a group that only active agencies reach.</summary>
    public static void MapConsents(this IEndpointRouteBuilder active)
    {
        RecordAgreement.Map(active.MapGroup("/agreements").WithTags("Consents"));
        RecordConsent.Map(active.MapGroup("/consents").WithTags("Consents"));
        RecordApproval.Map(active.MapGroup("/approvals").WithTags("Consents"));
    }
}
