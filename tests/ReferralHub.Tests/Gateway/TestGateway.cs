using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Client;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;
using ReferralHub.Tests.Client;

namespace ReferralHub.Tests.Gateway;

/// <summary>A gateway with a real database, real keys and real files; only its background loop stands still.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly RecoveryKey _recovery = RecoveryKey.Create();
    private readonly DataFolder _folder = new(System.IO.Directory.CreateTempSubdirectory("rh-").FullName);
    private readonly ScriptedHub _hub;
    private readonly TimeProvider _clock;
    private WebApplication? _app;
    private HubClient? _client;

    public TestGateway(ScriptedHub hub, string id, AgencyKind kind, TimeProvider clock)
    {
        (_hub, _clock) = (hub, clock);
        var keys = AgencyKeys.Create(clock.GetUtcNow());
        var enrol = new AgencyEvent
        {
            Agency = AgencyId.Parse(id),
            Seq = 0,
            IssuedAt = WireTime.Whole(clock.GetUtcNow()),
            Event = AgencyEventCode.Enrol,
            Kind = kind,
            Name = "Synthetic " + id,
            Recovery = _recovery.Signing.VerifyingKey,
            Signing = keys.Signing.VerifyingKey,
            Encryption = keys.EncryptionKey,
            Services = [ServiceFamily.Shelter],
        };
        Own = OwnAgency.Of(Init.Sign(enrol, _recovery.Signing, keys.Signing), enrol, keys);
    }

    public OwnAgency Own { get; private set; }

    public AgencyId Id => Own.Id;

    public DataFolder Folder => _folder;

    /// <summary>The case worker of the tests; there once <see cref="StartAsync"/> is done.</summary>
    public Handle Worker { get; private set; } = Handle.Parse("none");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private WebApplication App => _app ?? throw new InvalidOperationException("Not started.");

    /// <summary>Enters the directory.</summary>
    public void Enrol() => _hub.Add(AgencyEvent.Typ, Own.Enrolment.Payload, Own.Enrolment.Signatures);

    /// <summary>Joins and reads everything once.</summary>
    public async Task StartAsync(FarSide far, Certificates ca)
    {
        await CreateAsync();
        _client = far.Connect(ca.Spki, Certificates.Issue(ca, Id.ToString(), "1.3.6.1.5.5.7.3.2"), _clock);
        await OpenAsync();
        await Use<Sync>().RunAsync(Ct);
        Worker = await HireAsync("Sam Synthetic");
    }

    /// <summary>Loses its database and its parts, and learns from the hub again what was said; its keys are still there.</summary>
    /// <returns>How many referrals it knows again.</returns>
    public async Task<int> RebuildAsync()
    {
        await App.DisposeAsync();
        _app = null;
        SqliteConnection.ClearAllPools();
        System.IO.Directory.Delete(_folder.Root, recursive: true);
        await CreateAsync();
        await OpenAsync();
        return await With(async db =>
        {
            await Use<FollowDirectory>().RunAsync(db, _client!, Ct);
            return await new Rebuild(_client!, Use<FollowDirectory>(), Id, Use<CustodyOf>(), Use<TakeFeed>(), _clock).RunAsync(db, Ct);
        });
    }

    /// <summary>Adds a person.</summary>
    public async Task<Handle> HireAsync(string name, bool lead = false, bool auditor = false) =>
        (await With(db => AddPerson.Handle(new(name, lead, auditor), db, Own, Use<Exclusions>(), _clock, NullLogger<Exclusions>.Instance, Ct))).Handle;

    /// <summary>Adds a person who has a secret.</summary>
    public async Task<Handle> HireAsync(string name, string secret, bool lead = false, bool auditor = false)
    {
        var handle = await HireAsync(name, lead, auditor);
        await With(db => SetSecret.Handle(handle, new(Encoding.UTF8.GetBytes(secret), null), db, Own, Use<SignIn>(), Ct));
        return handle;
    }

    /// <summary>Writes a referral that waits for a second person.</summary>
    public Task<Approve.Drafted> DraftAsync(SendReferral.Request request, params IReadOnlyList<byte[]> attachments) => With(async db =>
    {
        var http = new DefaultHttpContext { Request = { Body = Framed(request, attachments) } };
        return await SendReferral.DraftAsync(http.Request, db, Own, Use<SignIn>(), Use<Exclusions>(), Use<FollowDirectory>(), Use<Copies>(), _clock, Ct);
    });

    /// <summary>Reads what waits, as a second person.</summary>
    public Task<Approve.Shown> ShowDraftAsync(Guid draft, Handle by, string secret) => With(db => Approve.ShowAsync(
        draft, new(by, Encoding.UTF8.GetBytes(secret)), db, Use<SignIn>(), Use<Exclusions>(), Use<Copies>(), Ct));

    /// <summary>Approves as a second person.</summary>
    public Task<Approve.Approved> ApproveAsync(Guid draft, Handle by, string secret) => With(db => Approve.Handle(
        draft, new(by, Encoding.UTF8.GetBytes(secret)), db, Own, Use<SignIn>(), Use<Exclusions>(), Use<Outbox>(), Use<Dispatch>(), Use<FollowDirectory>(), Use<Copies>(), Use<CustodyOf>(), _clock, Ct));

    public Task<Approve.Drafted> HoldAsync(Guid id, HoldAct act, Handle by, string secret) => With(db => PlaceHold.Handle(
        id, new(by, act, Encoding.UTF8.GetBytes(secret)), db, Use<SignIn>(), Use<Exclusions>(), Use<Outbox>(), _clock, Ct));

    public Task<AnswerRevocation.Answered> EraseAsync(Guid id, Handle by) => With(db => AnswerRevocation.EraseAsync(
        id, new(by), db, Use<Exclusions>(), Use<Outbox>(), Use<Dispatch>(), Use<PartFiles>(), Ct));

    public Task<AnswerRevocation.Answered> KeepAsync(Guid id, Handle by, KeepGround ground) => With(db => AnswerRevocation.KeepAsync(
        id, new(by, ground), db, Use<Exclusions>(), Use<Outbox>(), Use<Dispatch>(), Ct));

    public Task<AnswerRevocation.Answered> ToldAsync(Guid id) => With(db => AnswerRevocation.ToldAsync(
        id, new(Worker), db, Use<Exclusions>(), Use<Outbox>(), Use<Dispatch>(), Ct));

    public Task<RevokeConsent.Revoked> RevokeAsync(Guid consent) =>
        With(db => RevokeConsent.Handle(consent, new(Worker), db, Own, Use<Exclusions>(), Use<Outbox>(), Use<Dispatch>(), Ct));

    public Task<ReadSummary.Read> SummaryAsync(Guid id, Handle? by = null, BrokenGlass? glass = null) =>
        With(db => ReadSummary.Handle(id, new(by ?? Worker, glass), db, Use<Looks>(), Ct));

    public Task<OpenRecord.Opened> RecordAsync(Guid id) => With(db => OpenRecord.Handle(id, new(Worker), db, Use<Looks>(), _clock, Ct));

    public Task<ShowAccount.Account> AccountAsync(string subject) =>
        With(db => ShowAccount.Handle(new(subject, Worker), db, Own, Use<Exclusions>(), Use<FollowDirectory>(), _clock, Ct));

    /// <summary>Writes the enrolment and the key file, for commands that read them.</summary>
    public async Task SaveKeysAsync(string passphrase)
    {
        await File.WriteAllBytesAsync(_folder.Enrolment, Own.Enrolment.ToArray(), Ct);
        using var secrets = Own.Keys.ToSecrets();
        KeyFile.Save(_folder.Keys, Encoding.UTF8.GetBytes(passphrase), secrets, KeyFileCost.Least);
    }

    /// <summary>From now on it has another encryption key than the directory says.</summary>
    public Task LoseEncryptionKeyAsync()
    {
        using var before = Own;
        using var other = AgencyKeys.Create(_clock.GetUtcNow());
        using NamedSecrets old = before.Keys.ToSecrets(), fresh = other.ToSecrets(), mixed = new();
        foreach (var name in old.Names) mixed.Add(name, name.StartsWith("encryption/", StringComparison.Ordinal) ? fresh[name] : old[name]);
        Own = OwnAgency.Of(before.Enrolment, before.Event, AgencyKeys.Read(mixed)!);
        return OpenAsync();
    }

    /// <summary>Puts the gateway together from its folder, as a new process would.</summary>
    public async Task OpenAsync()
    {
        var directory = new FollowDirectory(Id, Own.Enrolment.PayloadDigest, _clock, NullLogger<FollowDirectory>.Instance);
        await using (var db = new GatewayDb(GatewayDb.At(_folder.Database))) await directory.LoadAsync(db, _hub.Fingerprint, Ct);
        if (_app is not null) await _app.DisposeAsync();
        _app = LocalInterface.Build(_folder, Own, _client!, directory, _clock, Migrated.ShareModels);
    }

    /// <summary>All that its own commands may ask it; made anew at each call.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints => [.. ((IEndpointRouteBuilder)App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    /// <summary>Answers as the local interface does, refusals among it.</summary>
    public async Task AnswerAsync(RouteEndpoint endpoint, HttpContext http)
    {
        await using var scope = App.Services.CreateAsyncScope();
        http.RequestServices = scope.ServiceProvider;
        http.RequestAborted = Ct;
        await LocalInterface.AnswerRefusalsAsync(http, endpoint.RequestDelegate!);
    }

    public T Use<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    public async Task<T> With<T>(Func<GatewayDb, Task<T>> use)
    {
        await using var db = await Use<IDbContextFactory<GatewayDb>>().CreateDbContextAsync(Ct);
        return await use(db);
    }

    public Task<Sync.Round> SyncAsync() => Use<Sync>().RunAsync(Ct);

    public Task<SendReferral.Sent> SendAsync(SendReferral.Request request, params IReadOnlyList<byte[]> attachments) => With(async db =>
    {
        var http = new DefaultHttpContext { Request = { Body = Framed(request, attachments) } };
        return await SendReferral.Handle(
            http.Request, db, Own, Use<Exclusions>(), Use<Outbox>(), Use<Dispatch>(), Use<FollowDirectory>(), Use<Copies>(), _clock, Ct);
    });

    private static MemoryStream Framed(SendReferral.Request request, IReadOnlyList<byte[]> attachments)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(request, LocalJson.Options);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, json.Length);
        return new MemoryStream([.. length, .. json, .. attachments.SelectMany(a => a)]);
    }

    public Task<Acted> AcknowledgeAsync(Guid id, Handle? by = null) => DoAsync(HandoffAct.Acknowledged, id, by);

    /// <summary>An act that needs nothing but a person.</summary>
    public Task<Acted> DoAsync(HandoffAct act, Guid id, Handle? by = null) =>
        With(db => PlainActs.Handle(act, id, new(by ?? Worker), db, Use<Acts>(), Ct));

    public Task<Acted> AcceptAsync(Guid id) =>
        With(db => Accept.Handle(id, new(Worker, _clock.GetUtcNow().AddHours(2)), db, Use<Acts>(), Use<Sync>(), Ct));

    public Task<Acted> WithdrawAsync(Guid id) =>
        With(db => Withdraw.Handle(id, new(Worker, WithdrawalReason.PlacedElsewhere), db, Use<Acts>(), Ct));

    public Task<Acted> ChangeUrgencyAsync(Guid id, Urgency urgency) =>
        With(db => ChangeUrgency.Handle(id, new(Worker, urgency, UrgencyReason.RiskIncreased), db, Use<Acts>(), Ct));

    /// <summary>Writes to the other side.</summary>
    public Task<Acted> WriteAsync(HandoffAct act, Guid id, string text, DateTimeOffset? at = null) =>
        With(db => Write.Handle(act, id, new(Worker, text, at), db, Use<Letters>(), Ct));

    public Task<Acted> CompleteAsync(Guid id, string note) =>
        With(db => Complete.Handle(id, new(Worker, Outcome.NeedsMet, note), db, Use<Letters>(), Ct));

    public Task<Acted> FailAsync(Guid id, FailReason reason, string note) =>
        With(db => Fail.Handle(id, new(Worker, reason, note), db, Use<Letters>(), Ct));

    public Task<ReadLetters.Read> ReadAsync(Guid id) => With(db => ReadLetters.Handle(id, new(Worker), db, Own, Use<Exclusions>(), Use<Looks>(), Ct));

    public Task<Acted> CloseAsync(Guid id) => With(db => Close.Handle(id, new(Worker), db, Use<Looks>(), Use<Acts>(), Ct));

    public Task<ListReferrals.All> InboxAsync() => With(db => ListReferrals.ReadAsync(db, Use<Exclusions>(), Use<FollowDirectory>(), _clock, Party.Recipient, Worker.ToString(), Ct));

    public Task<ShowReferral.Shown> ShowAsync(Guid id, Handle? by = null) => With(db => ShowReferral.Handle(id, by?.ToString(), db, Use<Exclusions>(), Use<FollowDirectory>(), _clock, Ct));

    public Task<List<string>> AlarmsAsync() => With(async db =>
        (await db.Alarms.OrderBy(a => a.Id).ToListAsync(Ct)).ConvertAll(a => $"{Code.Text(a.Code)} {a.Detail}"));

    private async Task CreateAsync()
    {
        _folder.Create();
        await File.WriteAllBytesAsync(_folder.Database, await Migrated.Gateway, Ct);
        await using var db = new GatewayDb(GatewayDb.At(_folder.Database));
        db.Bindings.Add(new HubBinding { Url = "https://hub.test/", Fingerprint = _hub.Fingerprint, CertificateRequest = "" });
        db.DirectoryEntries.Add(FollowDirectory.First(_hub.GenesisEntry));
        await db.SaveChangesAsync(Ct);
    }

    /// <summary>Whether a text stands anywhere in the data folder, in clear.</summary>
    public bool HoldsInClear(string text)
    {
        SqliteConnection.ClearAllPools();
        var needle = Encoding.UTF8.GetBytes(text);
        return System.IO.Directory.EnumerateFiles(_folder.Root, "*", SearchOption.AllDirectories)
            .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(needle) >= 0);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _client?.Dispose();
        Own.Dispose();
        _recovery.Dispose();
        SqliteConnection.ClearAllPools();
        System.IO.Directory.Delete(_folder.Root, recursive: true);
    }
}
