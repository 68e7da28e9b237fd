using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Outbox;

namespace ReferralHub.Tests.Hub;

/// <summary>A hub's services on a real database in a folder of its own. No server, no network.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private TestHub(DataFolder data, ServiceProvider services) => (Data, _services) = (data, services);

    public DataFolder Data { get; }

    public FixedClock Clock { get; } = new();

    public IServiceProvider Services => _services;

    public static async Task<TestHub> Start(Action<Messages.Builder>? messages = null)
    {
        var data = DataFolder.Create(Path.Combine(Path.GetTempPath(), "referralhub-test-" + Path.GetRandomFileName()));
        var services = new ServiceCollection().AddLogging().AddHub(data);
        services.AddMessages(messages ?? (_ => { }));
        TestHub? hub = null;
        services.AddSingleton<TimeProvider>(_ => hub!.Clock);
        hub = new TestHub(data, services.BuildServiceProvider(true));
        await hub.Use(db => db.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken));
        return hub;
    }

    /// <summary>Runs <paramref name="use"/> with a context of its own, as a request has.</summary>
    public async Task<T> Use<T>(Func<HubDb, Task<T>> use)
    {
        await using var scope = _services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        // A pooled connection would keep the deleted file open.
        SqliteConnection.ClearAllPools();
        System.IO.Directory.Delete(Data.Root, recursive: true);
    }
}
