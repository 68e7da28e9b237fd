using System.Security.Cryptography.X509Certificates;
using ReferralHub.Client;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Tests.Libraries;

internal static class ClientExample
{
    // A connection to the hub that this genesis names, as the agency whose certificate it is.
    public static HubClient Connect(Uri hub, Genesis genesis, X509Certificate2 certificate) =>
        new(hub, genesis.Ca, certificate, TimeProvider.System);

    // Reads on in the agency's feed, and keeps each item before the next. Returns the position to go on from.
    public static async Task<long> FollowAsync(HubClient hub, long after, Func<FeedItem, Task> keep, CancellationToken ct)
    {
        foreach (var item in await hub.GetFeedAsync(after, HubClient.LongestFeedWait, ct))
        {
            await keep(item);
            after = item.Position;
        }

        return after;
    }
}
