using Microsoft.Data.Sqlite;
using Npgsql;
using RabbitMQ.Client;
using ReferralHub.Hub;
using ReferralHub.Protocol.Statements;
using ReferralHub.SystemTests;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.Benchmarks.Handoffs;

/// <summary>What nobody can do without: each statement is read strictly, its signature verified, and it is durable before the next of its handoff.</summary>
internal abstract class Bare(DirectPair pair)
{
    // As much as two sealed parts, and as one.
    private static readonly byte[] TwoParts = new byte[2 * 16 * 1024];
    private static readonly byte[] OnePart = new byte[16 * 1024];

    public Task Run(IReadOnlyList<IReadOnlyList<SignedStatement>> handoffs) =>
        Parallel.ForEachAsync(handoffs, new ParallelOptions { MaxDegreeOfParallelism = HandoffRun.AtOnce }, async (handoff, _) =>
        {
            foreach (var told in handoff)
            {
                if (!SignedStatement.TryRead(told.Jws.Token, out var read) || !read.Jws.IsSignedBy(KeyOf(read)))
                    throw new InvalidOperationException("What was just said does not verify.");
                await Commit(read, read.Statement switch { Referral => TwoParts, { Brings.Count: > 0 } => OnePart, _ => [] });
            }
        });

    protected abstract Task Commit(SignedStatement statement, byte[] parts);

    private Cryptography.Statements.VerifyingKey KeyOf(SignedStatement read) =>
        (read.Statement.Issuer == pair.Sender.Id ? pair.Sender : pair.Recipient).Keys.Signing.VerifyingKey;
}

/// <summary>One commit per act to SQLite, as durable as the hub's.</summary>
internal sealed class BareSqlite : Bare, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SemaphoreSlim _turn = new(1);

    public BareSqlite(string file, DirectPair pair)
        : base(pair)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=False");
        _connection.Open();
        using var make = _connection.CreateCommand();
        make.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE said (n INTEGER PRIMARY KEY, token TEXT, parts BLOB)";
        make.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _connection.Dispose();
        _turn.Dispose();
    }

    protected override async Task Commit(SignedStatement statement, byte[] parts)
    {
        await _turn.WaitAsync();
        using var insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO said (token, parts) VALUES ($token, $parts)";
        insert.Parameters.AddWithValue("$token", statement.Jws.Token);
        insert.Parameters.AddWithValue("$parts", parts);
        insert.ExecuteNonQuery();
        _turn.Release();
    }
}

/// <summary>One commit per act to PostgreSQL, and one confirmed publish per act to a quorum queue.</summary>
internal sealed class BareServers : Bare, IAsyncDisposable
{
    private const string Queue = "bare";

    private readonly NpgsqlDataSource _database;
    private readonly IConnection _broker;
    private readonly System.Collections.Concurrent.ConcurrentBag<IChannel> _channels;

    private BareServers(DirectPair pair, NpgsqlDataSource database, IConnection broker, IEnumerable<IChannel> channels)
        : base(pair) => (_database, _broker, _channels) = (database, broker, [.. channels]);

    public static async Task<BareServers> Make(SharedServers servers, EngineSettings settings, DirectPair pair)
    {
        var (postgres, rabbit) = await servers.Meet();
        var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = postgres.Port,
            Database = settings.Postgres.Database,
            Username = PostgresServer.User,
            Password = await File.ReadAllTextAsync(postgres.PasswordFile),
        });
        await using (var make = database.CreateCommand("CREATE TABLE bare (n bigserial PRIMARY KEY, token text, parts bytea)"))
            await make.ExecuteNonQueryAsync();

        var broker = await rabbit.Connect(settings.Rabbitmq.VirtualHost, CancellationToken.None);
        var channels = new List<IChannel>();
        for (var i = 0; i < HandoffRun.AtOnce; i++)
            channels.Add(await broker.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)));
        await channels[0].QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 1000 });
        return new(pair, database, broker, channels);
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    protected override async Task Commit(SignedStatement statement, byte[] parts)
    {
        await using (var insert = _database.CreateCommand("INSERT INTO bare (token, parts) VALUES ($1, $2)"))
        {
            insert.Parameters.Add(new() { Value = statement.Jws.Token });
            insert.Parameters.Add(new() { Value = parts });
            await insert.ExecuteNonQueryAsync();
        }

        if (!_channels.TryTake(out var channel)) throw new InvalidOperationException("There is a channel for each handoff at once.");
        await channel.BasicPublishAsync("", Queue, mandatory: true, new BasicProperties { Persistent = true }, statement.Id.ToArray());
        _channels.Add(channel);
    }
}
