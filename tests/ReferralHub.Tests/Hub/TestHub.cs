using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub;

/// <summary>A hub with its genesis on a real database in a folder of its own. No server, no network.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly SigningKey[] _registrars;

    private TestHub(DataFolder data, FixedClock clock, SigningKey[] registrars, ServiceProvider services) =>
        (Data, Clock, _registrars, _services) = (data, clock, registrars, services);

    public DataFolder Data { get; }

    public FixedClock Clock { get; }

    public HubKeys Keys => _services.GetRequiredService<HubKeys>();

    public Agencies Agencies => _services.GetRequiredService<Agencies>();

    public LogHealth Log => _services.GetRequiredService<LogHealth>();

    public Uploads Uploads => _services.GetRequiredService<Uploads>();

    public CertificateAuthority Ca => _services.GetRequiredService<CertificateAuthority>();

    public IServiceProvider Services => _services;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TestHub> Start(Action<Messages.Builder>? messages = null, string? below = null, Action<IServiceCollection>? more = null)
    {
        var clock = new FixedClock();
        SigningKey[] registrars = [NewKey(), NewKey()];
        var root = Path.Combine(below ?? Path.GetTempPath(), "referralhub-test-" + Path.GetRandomFileName());
        var engine = await TestDatabase.Make();
        Init.Run(
            root,
            "hub.test",
            [.. registrars.Select((key, i) => $"registrar-{i}={CanonicalBase64.Url.Encode(key.VerifyingKey.ToArray())}")],
            threshold: 2,
            "https://localhost:7443",
            [],
            engine,
            clock);
        var data = new DataFolder(root);
        if (engine is null) await File.WriteAllBytesAsync(data.Database, await Migrated.Hub, Ct);
        else File.Delete(engine);
        var hub = new TestHub(data, clock, registrars, Provide(data, clock, messages, more));
        await hub.Use(db => Shell.Prepare(db, Ct));
        var genesis = await File.ReadAllBytesAsync(data.Genesis, Ct);
        await hub.Use(db => Admission.Begin(db, hub.Keys, genesis, hub.SignedByRegistrars("genesis+jws", genesis), Ct));
        return hub;
    }

    /// <summary>The hub that is in a folder, with the same registrars and the same clock.</summary>
    public TestHub In(DataFolder data) => new(data, Clock, _registrars, Provide(data, Clock, ReferralHub.Hub.Notifications.Module.Messages));

    private static ServiceProvider Provide(DataFolder data, FixedClock clock, Action<Messages.Builder>? messages, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection().AddLogging().AddHub(data);
        Migrated.ShareModels(services);
        services.AddMessages(messages ?? (_ => { }));
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton(_ => CertificateAuthority.Load(data));
        services.AddSingleton<LogHealth>();
        services.AddSingleton<Uploads>();
        more?.Invoke(services);
        return services.BuildServiceProvider(true);
    }

    public static SigningKey NewKey() => SigningKey.Import(RandomNumberGenerator.GetBytes(SigningKey.SeedSize));

    /// <summary>Runs <paramref name="use"/> with a context of its own, as a request has.</summary>
    public async Task<T> Use<T>(Func<HubDb, Task<T>> use)
    {
        await using var scope = _services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<HubDb>());
    }

    /// <inheritdoc cref="Use{T}"/>
    public Task Use(Func<HubDb, Task> use) => Use(async db =>
    {
        await use(db);
        return true;
    });

    public CoSigned SignedByRegistrars(string typ, ReadOnlySpan<byte> payload, params ReadOnlySpan<Jws> others)
    {
        var signatures = others.ToArray().ToList();
        foreach (var registrar in _registrars) signatures.Add(Jws.Sign(registrar, typ, payload));
        return CoSigned.From(signatures);
    }

    /// <summary>Adds a policy that allows consent for a year.</summary>
    public Task AddPolicy(string id = "default", AreaCode[]? areas = null, int version = 1, int? keepRecordsDays = null) => Use(db => Admission.AddPolicy(
        db,
        Keys,
        Agencies,
        SignedByRegistrars("policy+jws", StrictJson.Write(new JurisdictionPolicy
        {
            Id = PolicyId.Parse(id),
            Version = version,
            IssuedAt = Clock.Now,
            Bases = [Basis.Consent, Basis.RiskOfSignificantHarm],
            MaxConsentDays = 365,
            Rules = [new(Basis.RiskOfSignificantHarm, [LegalGround.DangerToLife, LegalGround.DangerOfSeriousHarm], SecondApprover: true, Review: true)],
            OnDelivery = [ReleaseReason.EvidenceWindow],
            Areas = areas,
            KeepRecordsDays = keepRecordsDays,
        })),
        Ct));

    /// <summary>Has an agency join and, unless told otherwise, admits it.</summary>
    public async Task<TestAgency> Join(string name, AgencyKind kind, bool admit = true)
    {
        var agency = new TestAgency(AgencyId.Parse(name), kind, Clock.Now);
        var token = (await Use(db => Invitation.Create(db, Agencies, agency.Id, kind, Ct)))!;
        var joined = await Use(db => ReferralHub.Hub.Identity.Join.Handle(agency.Request(), "Bearer " + token, db, Agencies, Ca, Ct));
        var answer = Assert.IsType<Microsoft.AspNetCore.Http.HttpResults.Created<JoinAnswer>>(joined.Result).Value!;
        agency.Certificate = X509Certificate2.CreateFromPem(answer.Certificate);
        if (admit) await Admit(agency);
        return agency;
    }

    /// <summary>The registrars suspend, resume or close an agency.</summary>
    public async Task Decide(AgencyId agency, AgencyChangeCode change)
    {
        var now = (await Use(db => Agencies.Now(db, Ct))).Entries.Find(agency)!;
        var payload = StrictJson.Write(new AgencyChange { Agency = agency, Seq = now.Last.Seq + 1, Prev = now.Last.PayloadDigest, IssuedAt = WireTime.Whole(Clock.Now), Event = change });
        await Use(db => EnterEvent.Run(db, Keys, Agencies, SignedByRegistrars(AgencyEvent.Typ, payload), Ct));
    }

    public Task Admit(TestAgency agency) => Use(db => Admission.Admit(
        db, Keys, Agencies, SignedByRegistrars("agency-event+jws", agency.Enrolment.Payload.Span, [.. agency.Enrolment.Signatures]), Ct));

    public ValueTask DisposeAsync() => DisposeAsync(leaveRegistrars: false);

    public async ValueTask DisposeAsync(bool leaveRegistrars)
    {
        await _services.DisposeAsync();
        if (!leaveRegistrars) foreach (var registrar in _registrars) registrar.Dispose();
        TestDatabase.Leave();
        System.IO.Directory.Delete(Data.Root, recursive: true);
    }
}
