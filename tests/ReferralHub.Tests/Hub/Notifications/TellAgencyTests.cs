using MassTransit;
using MassTransit.Mediator;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Notifications;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Notifications;

[Trait("store", "each")]
public sealed class TellAgencyTests
{
    private static readonly AgencyId Harbour = AgencyId.Parse("harbour");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_comes_twice_leaves_one_item()
    {
        await using var hub = await TestHub.Start(Module.Messages);
        var message = new StatementRecorded(Digest.Of("one"u8), Harbour, null);

        await Publish(hub, message, Id(hub));
        await Publish(hub, message, Id(hub));

        Assert.Equal([1], await hub.Use(Positions));
    }

    [Fact]
    public async Task A_message_redelivered_under_its_id_leaves_one_item_and_no_gap()
    {
        await using var hub = await TestHub.Start(Module.Messages);
        var (message, id) = (new StatementRecorded(Digest.Of("one"u8), Harbour, null), Id(hub));

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Publish(hub, message, id)));
        await Publish(hub, new StatementRecorded(Digest.Of("two"u8), Harbour, null), Id(hub));

        Assert.Equal([1, 2], await hub.Use(Positions));
    }

    [Fact]
    public async Task Positions_are_dense_under_fifty_at_once()
    {
        await using var hub = await TestHub.Start(Module.Messages);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(
            () => Publish(hub, new StatementRecorded(Digest.Of([(byte)i]), Harbour, null), Id(hub)), Ct)));

        Assert.Equal(Enumerable.Range(1, 50).Select(n => (long)n), await hub.Use(Positions));
        Assert.Equal(50, await hub.Use(db => db.Set<FeedHead>().Where(h => h.Agency == Harbour).Select(h => h.N).SingleAsync(Ct)));
    }

    [Fact]
    public async Task Each_agency_has_positions_of_its_own()
    {
        await using var hub = await TestHub.Start(Module.Messages);
        var statement = Digest.Of("one"u8);

        await Publish(hub, new StatementRecorded(statement, AgencyId.Parse("beacon"), null), Id(hub));
        await Publish(hub, new StatementRecorded(statement, Harbour, null), Id(hub));

        Assert.Equal([1], await hub.Use(Positions));
    }

    private static Guid Id(TestHub hub) => Guid.CreateVersion7(hub.Clock.Now);

    private static Task Publish(TestHub hub, StatementRecorded message, Guid id) =>
        hub.Services.GetRequiredService<IMediator>().Publish(message, Pipe.Execute<PublishContext>(context => context.MessageId = id), Ct);

    private static Task<List<long>> Positions(HubDb db) =>
        db.Set<FeedItem>().Where(i => i.Agency == Harbour).OrderBy(i => i.Position).Select(i => i.Position).ToListAsync(Ct);
}
