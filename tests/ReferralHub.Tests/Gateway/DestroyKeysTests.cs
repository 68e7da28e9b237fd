using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Age;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Gateway;

/// <summary>A retired encryption key ends after 30 days, and nothing that is kept ends with it.</summary>
public sealed class DestroyKeysTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_retired_key_lives_30_days_and_is_then_destroyed_and_the_key_file_kept_without_it()
    {
        await using var pair = await TestPair.StartAsync();
        var saved = new List<int>();
        var keys = pair.Shelter.Own.Keys;
        pair.Shelter.Own.SaveBy(() => saved.Add(keys.Encryption.Count));
        Assert.Equal(0, await DestroyAsync(pair.Shelter));

        keys.RotateEncryption(pair.Clock.GetUtcNow());
        pair.Clock.Ahead += TimeSpan.FromDays(DestroyKeys.Days) - TimeSpan.FromMinutes(5);
        Assert.Equal(0, await DestroyAsync(pair.Shelter));
        Assert.Empty(saved);

        pair.Clock.Ahead += TimeSpan.FromMinutes(6);
        Assert.Equal(1, await DestroyAsync(pair.Shelter));
        Assert.Equal(0, await DestroyAsync(pair.Shelter));
        Assert.Equal([1], saved);
        Assert.Null(Assert.Single(keys.Encryption).RetiredAt);
    }

    [Fact]
    public async Task What_was_received_still_opens_and_nobody_opens_what_was_recorded_on_the_wire()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await AcceptedAsync(pair);
        var (file, _) = await RecordAsync(pair.Shelter, id);

        await RetireAsync(pair, pair.Shelter);

        Assert.Equal("SYNTHETIC Sara", (await pair.Shelter.RecordAsync(id)).Form["identity"].GetProperty("name").GetString());
        using var recorded = new MemoryStream(await File.ReadAllBytesAsync(file, Ct));
        var keys = pair.Shelter.Own.Keys;
        Assert.False(AgeReader.TryOpen(recorded, [keys.Storage, .. keys.Identities], AgeLimits.Wire, out _, out var fault));
        Assert.Equal(AgeFault.NotMine, fault);
    }

    [Fact]
    public async Task What_waits_as_a_copy_is_never_sealed_to_an_encryption_key()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Police.With(async db =>
        {
            foreach (var copy in await db.Copies.Where(c => c.Referral == id).ToListAsync(Ct))
            {
                await using var file = pair.Police.Use<PartFiles>().Open(copy.Sha256);
                Assert.False(AgeReader.TryOpen(file, pair.Police.Own.Keys.Identities, AgeLimits.Wire, out _, out _));
            }

            return 0;
        });
    }

    [Fact]
    public async Task What_an_earlier_version_sealed_to_the_encryption_key_is_sealed_anew_before_that_ends()
    {
        await using var pair = await TestPair.StartAsync();
        var police = pair.Police;
        await police.With(async db =>
        {
            var person = await db.People.SingleAsync(p => p.Handle == police.Worker, Ct);
            using var file = new MemoryStream();
            using var age = new AgeWriter(file, AgeRecipient.Of(police.Own.Keys.EncryptionKey));
            age.Write("Nadia Synthetic"u8);
            age.Complete();
            db.Entry(person).Property(p => p.SealedName).CurrentValue = file.ToArray();
            return await db.SaveChangesAsync(Ct);
        });

        await RetireAsync(pair, police);

        var people = await police.With(db => ListPeople.Handle(db, police.Own, Ct));
        Assert.Equal("Nadia Synthetic", people.People.Single(p => p.Handle == police.Worker).Name);
    }

    [Fact]
    public async Task Who_erases_erases_the_last_key_too()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        var id = (await pair.Police.SendAsync(pair.Request(consent, Identity))).Referral;
        var lead = await pair.Shelter.HireAsync("Lee Synthetic", lead: true);
        await pair.Shelter.SyncAsync();
        await RetireAsync(pair, pair.Shelter);
        Assert.True(await pair.Shelter.With(db => db.FileKeys.AnyAsync(Ct)));

        await pair.Police.RevokeAsync(consent.Consent);
        await pair.Shelter.SyncAsync();
        await pair.Shelter.EraseAsync(id, lead);

        Assert.False(await pair.Shelter.With(db => db.FileKeys.AnyAsync(Ct)));
    }

    private static async Task<Guid> AcceptedAsync(TestPair pair)
    {
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        await pair.Shelter.AcceptAsync(id);
        return id;
    }

    private static Task<(string File, KeptPart Part)> RecordAsync(TestGateway gateway, Guid id) => gateway.With(async db =>
    {
        var part = await db.Parts.AsNoTracking().SingleAsync(p => p.Referral == id && p.Part == Part.Record, Ct);
        return (gateway.Folder.Part(part.Sha256), part);
    });

    private static async Task RetireAsync(TestPair pair, TestGateway gateway)
    {
        gateway.Own.SaveBy(() => { });
        gateway.Own.Keys.RotateEncryption(pair.Clock.GetUtcNow().AddDays(-DestroyKeys.Days));
        Assert.Equal(1, await DestroyAsync(gateway));
    }

    private static Task<int> DestroyAsync(TestGateway gateway) => gateway.With(db => gateway.Use<DestroyKeys>().RunAsync(db, Ct));
}
