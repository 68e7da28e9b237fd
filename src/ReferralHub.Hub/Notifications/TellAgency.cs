using MassTransit;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;

namespace ReferralHub.Hub.Notifications;

/// <summary>
/// On <see cref="StatementRecorded"/>: puts it into the other party's feed.
/// Safe to deliver twice: the inbox knows the message for 30 days, and a statement stands in a feed once for ever.
/// </summary>
internal sealed class TellAgency(HubDb db) : IConsumer<StatementRecorded>
{
    public Task Consume(ConsumeContext<StatementRecorded> context)
    {
        var (statement, to, with, approval) = context.Message;
        return db.Once<TellAgency>(context, context.Message, async ct =>
        {
            if (await db.Set<FeedItem>().AnyAsync(i => i.Agency == to && i.Statement == statement, ct)) return;

            db.Add(new FeedItem { Agency = to, Position = await FeedHead.Next(db, to, ct), Statement = statement, With = with, Approval = approval });
            db.WakeAfterCommit(db.Wakes.Feed);
        });
    }
}
