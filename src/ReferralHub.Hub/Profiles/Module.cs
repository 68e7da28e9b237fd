namespace ReferralHub.Hub.Profiles;

internal static class Module
{
    /// <summary>Adds the endpoints to a group that only active agencies reach.</summary>
    public static void MapProfiles(this IEndpointRouteBuilder active)
    {
        PublishProfile.Map(active);
        ReadProfiles.Map(active);
    }
}
