using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Notifications;
using ReferralHub.Hub.Restoring;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Restoring;

/// <summary>A field whose hub is backed up, goes on, is lost and comes back out of that backup.</summary>
internal sealed class TestRestoration : IAsyncDisposable
{
    private readonly string _backup = Path.Combine(Path.GetTempPath(), "referralhub-backup-" + Path.GetRandomFileName());
    private readonly string _root = Path.Combine(Path.GetTempPath(), "referralhub-test-" + Path.GetRandomFileName());
    private TestField? _restored;
    private bool _owns = true;

    private TestRestoration(TestField lost) => Lost = lost;

    /// <summary>The field with the hub that is lost.</summary>
    public TestField Lost { get; }

    /// <summary>The same agencies with the restored one.</summary>
    public TestField Restored => _restored!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TestRestoration> Start() => new(await TestField.Start());

    public Task Backup() => Lost.Hub.Use(db => ReferralHub.Hub.Commands.Backup.Run(Lost.Hub.Services, db, _backup, keys: true, verify: true, Ct));

    /// <summary>Backs up a hub that has a referral acknowledged; it is accepted afterwards.</summary>
    public async Task<TestHandoff> AcceptAfterBackup()
    {
        var open = await Lost.Handoff(HandoffState.Acknowledged);
        await Lost.Sequence();
        await Backup();
        await open.Do(HandoffAct.Accepted);
        return open;
    }

    /// <summary>Makes a hub of the backup, which gathers.</summary>
    public async Task Restore()
    {
        var engine = await TestDatabase.MakeEmpty();
        await ReferralHub.Hub.Commands.Restore.Run(_root, _backup, keys: null, engine, Ct);
        _restored = Lost.At(Lost.Hub.In(new DataFolder(_root)));
        if (engine is not null) File.Delete(engine);
    }

    /// <summary>What an agency's gateway can have of what the lost hub took.</summary>
    /// <param name="agency">Which.</param>
    /// <param name="proved">Whether it has asked for receipts; if not, it has its own statements' answers and what its feed brought.</param>
    public Task<List<RestoredStatement>> Holds(TestAgency agency, bool proved = true) => Lost.Use(async db =>
    {
        var holds = new List<RestoredStatement>();
        var told = await db.Set<FeedItem>().Where(i => i.Agency == agency.Id).Select(i => i.Statement).ToListAsync(Ct);
        foreach (var statement in await db.Set<StoredStatement>().Include(s => s.Event).AsNoTracking().OrderBy(s => s.EventId).ToListAsync(Ct))
        {
            var own = StoredStatement.Read(statement.Token).Statement.Issuer == agency.Id;
            if (!own && !told.Contains(statement.Id)) continue;
            var proof = proved && statement.Event.Index is not null ? (await Receipt.Of(db, Lost.Hub.Keys, statement.Event, statement.Event.Index.Value, Ct)).Proof : null;
            var hasEvent = proof is not null || !own;
            holds.Add(new(
                statement.Token,
                hasEvent ? CanonicalBase64.Url.Encode(statement.Event.Event) : null,
                hasEvent ? Convert.ToHexStringLower(statement.Event.Opening) : null,
                own ? statement.Receipt : null,
                proof));
        }

        return holds;
    });

    /// <summary>Has an agency show all it holds.</summary>
    public async Task HandIn(TestAgency agency, bool proved = true, Func<RestoredStatement, RestoredStatement?>? change = null)
    {
        var entries = await Lost.Use(db => db.Set<DirectoryEntry>().OrderBy(e => e.Index).Select(e => e.Bytes).ToListAsync(Ct));
        var notes = await Lost.Use(db => db.Set<LogHead>().ToDictionaryAsync(h => h.Log, h => System.Text.Encoding.UTF8.GetString(h.Note), Ct));
        var statements = (await Holds(agency, proved)).Select(held => change is null ? held : change(held)).OfType<RestoredStatement>().ToList();
        var request = new RestorationRequest(notes[LogName.Audit], notes[LogName.Directory], [.. entries.Select(System.Text.Encoding.ASCII.GetString)], statements, Done: true);
        Assert.IsType<Ok<RestorationAnswer>>((await Post(agency, request)).Result);
    }

    public Task<Results<Ok<RestorationAnswer>, ProblemHttpResult>> Post(TestAgency agency, RestorationRequest request) =>
        Restored.Use(db => Gather.Handle(request, agency.Caller, db, Restored.Hub.Keys, Restored.Hub.Agencies, Ct));

    /// <summary>Opens the new log; all events get their places.</summary>
    public async Task<Reopen.Opened> Open()
    {
        await using var scope = Restored.Hub.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var opened = await Reopen.Run(services.GetRequiredService<HubDb>(), Restored.Hub.Keys, Restored.Hub.Agencies, services.GetRequiredService<Intake>(), Ct);
        await Restored.Sequence();
        return opened;
    }

    /// <summary>The operator opens it.</summary>
    public async Task<ReferralHub.Hub.Commands.Answer> OpenByCommand(params string[] without)
    {
        await using var scope = Restored.Hub.Services.CreateAsyncScope();
        return await ReferralHub.Hub.Commands.Restore.Open(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<HubDb>(), without, Ct);
    }

    /// <summary>The restored hub is backed up and lost in its turn.</summary>
    public TestRestoration Again() => new(Restored) { _owns = false };

    /// <summary>All events about statements, in their order.</summary>
    public static Task<List<byte[]>> EventsOf(TestField field) => field.Use(db =>
        db.Set<StoredStatement>().OrderBy(s => s.EventId).Select(s => s.Event.Event).ToListAsync(Ct));

    public async ValueTask DisposeAsync()
    {
        if (_restored is not null) await _restored.Hub.DisposeAsync(leaveRegistrars: true);
        if (_owns) await Lost.DisposeAsync();
        foreach (var folder in new[] { _backup, _root })
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }
}
