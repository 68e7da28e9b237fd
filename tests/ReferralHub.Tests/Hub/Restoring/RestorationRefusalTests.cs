using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Restoring;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Restoring;

/// <summary>What a restored hub does not take, and when it does not open. Spec: docs/protocol.md §4.7.</summary>
[Trait("store", "each")]
public sealed class RestorationRefusalTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no proof")]
    [InlineData("another time")]
    [InlineData("another's proof")]
    [InlineData("another signature")]
    [InlineData("a broken signature")]
    [InlineData("another's receipt")]
    [InlineData("a receipt by somebody else")]
    [InlineData("another's event")]
    public async Task What_does_not_prove_itself_is_put_aside(string how)
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Lost.Sequence();
        await test.Backup();
        await open.Do(HandoffAct.Accepted);
        await test.Lost.Sequence();
        var others = (await test.Holds(test.Lost.Shelter))[0];

        await test.Restore();
        await test.HandIn(test.Lost.Shelter, change: held => IsOf(held, open.After)
            ? how switch
            {
                "no proof" => held with { Receipt = null, Proof = null },
                "another time" => held with { Receipt = null, Event = Earlier(held.Event!) },
                "another's proof" => held with { Receipt = null, Proof = others.Proof },
                "a broken signature" => held with { Statement = held.Statement[..held.Statement.LastIndexOf('.')] + others.Statement[others.Statement.LastIndexOf('.')..] },
                "another's receipt" => held with { Event = null, Opening = null, Proof = null, Receipt = others.Receipt },
                "a receipt by somebody else" => held with { Event = null, Opening = null, Proof = null, Receipt = test.Lost.Police.Sign(StoredStatement.Read(held.Receipt!).Statement).Jws.Token },
                "another's event" => held with { Receipt = null, Event = others.Event, Opening = others.Opening, Proof = others.Proof },
                _ => held with { Statement = test.Lost.Police.Sign(StoredStatement.Read(held.Statement).Statement).Jws.Token },
            }
            : held);
        var opened = await test.Open();

        Assert.Equal((0, 1), ((int)opened.Former.Returned, opened.Aside.Count));
        Assert.Equal(HandoffState.Acknowledged, await test.Restored.Use(db => db.Set<ReferralRecord>().Select(r => r.State).SingleAsync(Ct)));
    }

    [Fact]
    public async Task Another_s_event_beside_its_own_receipt_does_no_harm()
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Lost.Sequence();
        await test.Backup();
        await open.Do(HandoffAct.Accepted);
        await test.Lost.Sequence();
        var others = (await test.Holds(test.Lost.Shelter))[0];

        await test.Restore();
        await test.HandIn(test.Lost.Shelter, change: held => IsOf(held, open.After) ? held with { Event = others.Event, Opening = others.Opening, Proof = others.Proof } : held);
        var opened = await test.Open();

        Assert.Equal((1, 0), ((int)opened.Former.Returned, opened.Aside.Count));
    }

    [Theory]
    [InlineData("\"state\":\"accepted\"", "\"state\":\"on-hold\"")] // another effect than it has
    [InlineData("\"at\":\"2026", "\"at\":\"2025")] // before what is in the backup
    [InlineData("\"size\":", "\"size\":9")] // a directory that was never published
    public async Task What_was_logged_and_could_not_have_been_is_put_aside(string said, string instead)
    {
        await using var test = await TestRestoration.Start();
        var open = await test.Lost.Handoff(HandoffState.Acknowledged);
        await test.Lost.Sequence();
        await test.Backup();
        await open.Do(HandoffAct.Accepted);
        await test.Lost.Use(async db =>
        {
            var last = await db.Set<AuditRecord>().OrderByDescending(r => r.Id).FirstAsync(Ct);
            var other = System.Text.Encoding.ASCII.GetString(last.Event).Replace(said, instead, StringComparison.Ordinal);
            Assert.NotEqual(System.Text.Encoding.ASCII.GetString(last.Event), other);
            return await db.Set<AuditRecord>().Where(r => r.Id == last.Id).ExecuteUpdateAsync(set => set.SetProperty(r => r.Event, System.Text.Encoding.ASCII.GetBytes(other)), Ct);
        });
        await test.Lost.Sequence();

        await test.Restore();
        await test.HandIn(test.Lost.Shelter);
        var opened = await test.Open();

        Assert.Equal((0, 1), ((int)opened.Former.Returned, opened.Aside.Count));
    }

    [Fact]
    public async Task Two_histories_are_not_opened()
    {
        await using var test = await TestRestoration.Start();
        await test.Backup();
        await test.Lost.Sequence();
        await test.Restore();
        await test.HandIn(test.Lost.Shelter);
        await test.Restored.Use(db => db.Write(
            async write => db.Add(new Attendance
            {
                Agency = test.Lost.Police.Id,
                Size = (await db.Set<Attendance>().SingleAsync(write)).Size,
                Root = Digest.Of("another history"u8),
                Done = true,
            }),
            Ct));

        var error = await Assert.ThrowsAsync<AdmissionException>(test.Open);

        Assert.Contains("two histories", error.Message, StringComparison.Ordinal);
        Assert.NotNull(await test.Restored.Use(db => Restoration.Gathering(db, Ct)));
    }

    [Fact]
    public async Task A_certificate_that_the_backup_cannot_know_is_bound_again_and_one_that_it_had_ended_is_not()
    {
        await using var test = await TestRestoration.Start();
        test.Lost.Clock.Now += TimeSpan.FromDays(2);
        await test.Backup();
        using var late = await test.Lost.Hub.Join("late-1", AgencyKind.Ngo);
        await test.Restore();
        await test.HandIn(test.Lost.Police); // the directory with it
        await test.Restored.Use(db => db.Set<ClientCertificate>().ExecuteDeleteAsync(Ct));

        Assert.Empty(await Bound(test.Lost.Shelter));
        Assert.Equal([late.Id], await Bound(late));

        Task<List<AgencyId>> Bound(TestAgency agency) => test.Restored.Use(async db =>
        {
            await KnowCallers.Bind(db, await test.Restored.Hub.Agencies.Now(db, Ct), (await Restoration.Gathering(db, Ct))!, agency.Certificate!, Ct);
            return await db.Set<ClientCertificate>().Select(c => c.Agency).ToListAsync(Ct);
        });
    }

    [Fact]
    public async Task Nothing_is_opened_before_every_agency_came_or_was_named()
    {
        await using var test = await TestRestoration.Start();
        await test.Backup();
        await test.Restore();
        await test.HandIn(test.Lost.Police);
        await test.HandIn(test.Lost.Shelter);

        var missing = await Assert.ThrowsAsync<SettingsException>(() => test.OpenByCommand());
        Assert.Contains("beacon has not shown", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SettingsException>(() => test.OpenByCommand("police-7"));
        Assert.Equal(0, (await test.OpenByCommand("beacon")).Exit);
        await Assert.ThrowsAsync<SettingsException>(() => test.OpenByCommand());
    }

    [Fact]
    public async Task Entries_that_do_not_lead_to_a_checkpoint_of_the_hub_leave_the_directory_as_it_is()
    {
        await using var test = await TestRestoration.Start();
        await test.Backup();
        using var late = await test.Lost.Hub.Join("late-1", AgencyKind.Ngo);
        var note = await test.Lost.Use(db => db.Set<ReferralHub.Hub.Log.LogHead>().Where(h => h.Log == ReferralHub.Hub.Log.LogName.Directory).Select(h => h.Note).SingleAsync(Ct));
        using var later = await test.Lost.Hub.Join("late-2", AgencyKind.Ngo);
        await test.Restore();
        var size = await Size();

        var entries = await test.Lost.Use(db => db.Set<DirectoryEntry>().OrderBy(e => e.Index).Select(e => e.Bytes).ToListAsync(Ct));
        await Refused(new(null, System.Text.Encoding.UTF8.GetString(note), [], null, Done: true));
        await Refused(new(null, System.Text.Encoding.UTF8.GetString(note), [System.Text.Encoding.ASCII.GetString(entries[1])], null, Done: true));
        await Refused(new(null, System.Text.Encoding.UTF8.GetString(note), [System.Text.Encoding.ASCII.GetString(entries[^1])], null, Done: true)); // valid, and not what the hub had signed
        await Refused(new("no checkpoint", null, null, null, Done: true));

        await test.HandIn(test.Lost.Police);
        Assert.Equal(size + 2, await Size());
        await test.Open();
        Assert.Null((await test.Restored.Use(db => VerifyLogs.Run(db, test.Restored.Hub.Keys, full: true, Ct))).Wrong);
        var grown = (await test.Restored.Events())[^1];
        Assert.Equal((AuditEventCode.DirectoryCheckpoint, size + 2), (grown.Event, grown.Directory.Size));

        Task<long> Size() => test.Restored.Use(async db => (await test.Restored.Hub.Agencies.Now(db, Ct)).Head.Size);

        async Task Refused(RestorationRequest request)
        {
            Assert.IsType<ProblemHttpResult>((await test.Post(test.Lost.Police, request)).Result);
            Assert.Equal(size, await Size());
        }
    }

    private static bool IsOf(RestoredStatement held, Digest id) => StoredStatement.Read(held.Statement).Id == id;

    private static string Earlier(string happened)
    {
        Assert.True(CanonicalBase64.Url.TryDecode(happened, out var bytes));
        var read = AuditRecord.Read(bytes);
        return CanonicalBase64.Url.Encode((read with { At = read.At.AddSeconds(-1) }).ToBytes());
    }
}
