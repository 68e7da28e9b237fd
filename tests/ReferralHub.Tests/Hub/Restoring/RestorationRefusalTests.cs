using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Restoring;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
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
        var open = await test.AcceptAfterBackup();
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
        var open = await test.AcceptAfterBackup();
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
        var open = await test.AcceptAfterBackup();
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

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)] // the one that is to be opened
    public async Task A_leaf_is_proved_by_a_checkpoint_of_a_former_log_alone(int log, int returned)
    {
        await using var test = await TestRestoration.Start();
        var open = await test.AcceptAfterBackup();
        await test.Lost.Sequence();

        await test.Restore();
        await test.HandIn(test.Lost.Shelter, change: held => IsOf(held, open.After) ? held with { Receipt = null, Proof = ProofOf(test, held.Proof!, log) } : held);
        var opened = await test.Open();

        Assert.Equal((returned, 1 - returned), ((int)opened.Former.Returned, opened.Aside.Count));
    }

    [Fact]
    public async Task Only_a_head_of_a_former_log_is_taken()
    {
        await using var test = await TestRestoration.Start();
        await test.Lost.Sequence();
        await test.Backup();
        await test.Restore();
        var head = await test.Lost.Use(db => AuditLog.Checkpoint(db, test.Lost.Hub.Keys, Ct));

        Assert.IsType<ProblemHttpResult>((await Show(2)).Result);
        Assert.Null(await test.Restored.Use(db => db.Set<Attendance>().SingleOrDefaultAsync(Ct)));
        Assert.IsType<Ok<RestorationAnswer>>((await Show(1)).Result);
        Assert.Equal(head.Checkpoint.Size, await test.Restored.Use(db => db.Set<Attendance>().Select(a => a.Size).SingleAsync(Ct)));

        Task<Results<Ok<RestorationAnswer>, ProblemHttpResult>> Show(int log) =>
            test.Post(test.Lost.Police, new(Encoding.UTF8.GetString(SignedAs(test, head.Checkpoint, log).Bytes.Span), Done: true));
    }

    [Fact]
    public async Task How_far_a_log_before_the_former_one_had_come_is_not_named()
    {
        await using var test = await TestRestoration.Start();
        await test.Backup();
        await test.Lost.Handoff(HandoffState.Accepted); // which nobody brings back, so the next log is shorter
        await test.Lost.Sequence();
        var older = await test.Lost.Use(db => AuditLog.Checkpoint(db, test.Lost.Hub.Keys, Ct));
        await test.Restore();
        await test.Open();
        await using var second = test.Again();
        var former = await second.Lost.Use(db => db.Set<LogHead>().AsNoTracking().SingleAsync(h => h.Log == LogName.Audit, Ct));
        Assert.True(older.Checkpoint.Size > former.Size);
        await second.Backup();

        await second.Restore();
        Assert.IsType<Ok<RestorationAnswer>>((await second.Post(second.Lost.Police, new(Encoding.UTF8.GetString(older.Bytes.Span), Done: true))).Result);
        var opened = await second.Open();

        Assert.Equal(("hub.test/audit/2", former.Size, former.Root), (opened.Former.Origin, opened.Former.Size, opened.Former.Root));
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
    public async Task Who_recovered_since_the_backup_is_known_by_the_certificate_of_that_alone()
    {
        await using var test = await TestRestoration.Start();
        var (hub, police) = (test.Lost.Hub, test.Lost.Police);
        test.Lost.Clock.Now += TimeSpan.FromDays(2);
        await test.Backup();
        Assert.True(hub.Ca.TryIssueClient(police.Id, police.Request().Csr, hub.Clock.Now, out var ended));
        using var tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var fresh = TestHub.NewKey();
        var change = await Identity.AgencyEventTests.Next(hub, police.Id, AgencyChangeCode.Recover) with
        {
            Signing = fresh.VerifyingKey,
            Encryption = TestAgency.NewEncryptionKey(),
            LastGood = 0,
            Tls = Digest.Of(tls.ExportSubjectPublicKeyInfo()),
        };
        var request = new RecoverRequest(Encoding.ASCII.GetString(change.Sign(police.RecoveryKey, fresh).ToArray()), Identity.AgencyEventTests.Csr(tls));
        var answer = await hub.Use(db => Recover.Handle(request, db, hub.Keys, hub.Agencies, hub.Ca, Ct));
        using var recovered = X509Certificate2.CreateFromPem(Assert.IsType<Created<JoinAnswer>>(answer.Result).Value!.Certificate);

        await test.Restore();
        Assert.Equal(1, await Bound());
        await test.HandIn(test.Lost.Shelter); // the directory with it, which tells of the recovery
        Assert.Equal(0, await Bound());
        using (ended) Assert.Equal(0, await Bound(ended));
        Assert.Equal(1, await Bound(recovered));

        Task<int> Bound(X509Certificate2? comes = null) => test.Restored.Use(async db =>
        {
            if (comes is not null) await KnowCallers.Bind(db, await test.Restored.Hub.Agencies.Now(db, Ct), (await Restoration.Gathering(db, Ct))!, comes, Ct);
            return await db.Set<ClientCertificate>().CountAsync(c => c.Agency == police.Id, Ct);
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

    // The same tree, signed as another of the hub's audit logs.
    private static SignedCheckpoint SignedAs(TestRestoration test, Checkpoint tree, int log)
    {
        var (keys, clock) = (test.Lost.Hub.Keys, test.Lost.Clock);
        var signer = keys.AuditLogOf(log);
        return SignedCheckpoint.Sign(new Checkpoint(signer.Key.Name, tree.Size, tree.Root), signer).Cosign(keys.Cosigner, clock.Now);
    }

    private static string ProofOf(TestRestoration test, string proof, int log)
    {
        var keys = test.Lost.Hub.Keys;
        Assert.True(TlogProof.TryParse(Encoding.UTF8.GetBytes(proof), out var read));
        Assert.True(SignedCheckpoint.TryOpen(read.Note.Span, keys.AuditLog.Key, [keys.Cosigner.Key], out var signed));
        return Encoding.UTF8.GetString(TlogProof.From(read.Index, read.Hashes, SignedAs(test, signed.Checkpoint, log)).ToArray());
    }

    private static bool IsOf(RestoredStatement held, Digest id) => StoredStatement.Read(held.Statement).Id == id;

    private static string Earlier(string happened)
    {
        Assert.True(CanonicalBase64.Url.TryDecode(happened, out var bytes));
        var read = AuditRecord.Read(bytes);
        return CanonicalBase64.Url.Encode((read with { At = read.At.AddSeconds(-1) }).ToBytes());
    }
}
