using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Outbox;

public sealed class OutboxCommandTests
{
    private static readonly Digest Statement = Digest.Of("a statement"u8);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_retried_goes_back_into_its_old_place()
    {
        await using var hub = await Parked(3, 5);

        await hub.Use(db => OutboxCommands.Retry(db, "stream", Ct));

        Assert.Empty(await hub.Use(db => db.Set<ParkedMessage>().ToListAsync(Ct)));
        Assert.Equal([3, 5], await hub.Use(db => db.Set<OutboxMessage>().Where(m => m.StreamId == "stream").OrderBy(m => m.Seq).Select(m => m.Seq).ToListAsync(Ct)));
        await Assert.ThrowsAsync<SettingsException>(() => hub.Use(db => OutboxCommands.Retry(db, "stream", Ct)));
    }

    [Fact]
    public async Task What_is_given_up_leaves_an_event_of_who_decided()
    {
        await using var hub = await Parked(3, 5);

        await hub.Use(db => OutboxCommands.Drop(db, hub.Agencies, 3, Handle.Parse("opr0001"), Ct));

        Assert.Equal([5], await hub.Use(db => db.Set<ParkedMessage>().Select(m => m.Seq).ToListAsync(Ct)));
        var told = (await hub.Use(db => db.Set<AuditRecord>().OrderByDescending(r => r.Id).FirstAsync(Ct))).Read();
        Assert.Equal((AuditEventCode.MessageDropped, Statement, Handle.Parse("opr0001")), (told.Event, told.Statement, told.By));
        await Assert.ThrowsAsync<SettingsException>(() => hub.Use(db => OutboxCommands.Drop(db, hub.Agencies, 3, Handle.Parse("opr0001"), Ct)));
    }

    private static async Task<TestHub> Parked(params long[] numbers)
    {
        var hub = await TestHub.Start();
        await hub.Use(async db =>
        {
            foreach (var seq in numbers)
            {
                db.Add(new ParkedMessage
                {
                    Seq = seq,
                    MessageId = Guid.CreateVersion7(),
                    StreamId = "stream",
                    Type = Messages.Name(typeof(StatementRecorded)),
                    Body = StrictJson.Write(new StatementRecorded(Statement, AgencyId.Parse("harbour"))),
                    Parked = hub.Clock.Now,
                    Error = "JsonException",
                });
            }

            await db.SaveChangesAsync(Ct);
        });
        return hub;
    }
}
