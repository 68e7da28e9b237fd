using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;

namespace ReferralHub.Hub.Notifications;

internal static class Module
{
    public static void Messages(Messages.Builder messages) => messages.Message<StatementRecorded>().Consumer<TellAgency>();

    /// <summary>Adds the endpoints to a group that only active agencies reach.</summary>
    public static void MapNotifications(this IEndpointRouteBuilder active)
    {
        ReadFeed.Map(active.MapGroup("/feed").WithTags("Notifications"));
        ReadHistory.Map(active);
    }
}
