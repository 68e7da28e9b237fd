using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Client;

namespace ReferralHub.Tests.Gateway;

/// <summary>A police unit and a shelter with an agreement, at one hub.</summary>
internal sealed class TestPair : IAsyncDisposable
{
    public static readonly Category[] Agreed = [Category.Identity, Category.SafeContact, Category.Health, Category.Documents];

    private readonly Certificates _ca = new();
    private readonly X509Certificate2 _certificate;
    private FarSide? _far;

    private TestPair()
    {
        Clock = new FlowingClock(Certificates.Start.AddDays(1));
        _certificate = Certificates.Issue(_ca);
        Hub = new ScriptedHub(_ca.Spki, Clock);
        Police = new TestGateway(Hub, "police", AgencyKind.Police, Clock);
        Shelter = new TestGateway(Hub, "shelter", AgencyKind.Shelter, Clock);
    }

    public FlowingClock Clock { get; }

    public ScriptedHub Hub { get; }

    public TestGateway Police { get; }

    public TestGateway Shelter { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TestPair> StartAsync()
    {
        var pair = new TestPair();
        pair._far = await FarSide.StartAsync(pair._certificate, pair._ca.Ca, pair.Hub.Answer, ClientCertificateMode.RequireCertificate);
        pair.Police.Enrol();
        pair.Shelter.Enrol();
        await pair.Police.StartAsync(pair._far, pair._ca);
        await pair.Shelter.StartAsync(pair._far, pair._ca);
        return pair;
    }

    /// <summary>Lets another gateway join the same hub.</summary>
    public Task JoinAsync(TestGateway gateway) => gateway.StartAsync(_far!, _ca);

    /// <summary>An agreement in force, proposed by the police; with the shelter unless another is named.</summary>
    public async Task AgreeAsync(TestGateway? with = null)
    {
        var other = with ?? Shelter;
        var now = WireTime.Whole(Clock.GetUtcNow());
        var terms = new ProposeAgreement.Terms(
            other.Id, PolicyId.Parse("north"), [new(Police.Id, other.Id)], [Purpose.Protection],
            [.. Enum.GetValues<ClearCategory>()], now, now.AddDays(300), 90);
        var proposal = await Police.With(db => ProposeAgreement.Handle(
            terms, db, Police.Use<Outbox>(), Police.Use<Dispatch>(), Police.Use<FollowDirectory>(), Clock, Ct));
        await other.SyncAsync();
        await other.With(db => AcceptAgreement.Handle(proposal.Agreement, db, other.Own, other.Use<Outbox>(), other.Use<Dispatch>(), Ct));
        await Police.SyncAsync();
    }

    /// <summary>The policy's second version, of which the police has heard: under 18 child and guardian agree both, and there is one area.</summary>
    public async Task TightenPolicyAsync()
    {
        Hub.Add(JurisdictionPolicy.Typ, StrictJson.Write(new JurisdictionPolicy
        {
            Id = PolicyId.Parse("north"),
            Version = 2,
            IssuedAt = WireTime.Whole(Clock.GetUtcNow()),
            Bases = [Basis.Consent],
            MaxConsentDays = 365,
            ConsentAges = [new(0, 18, [[Grantor.ChildAssent, Grantor.Guardian]])],
            Areas = [AreaCode.Parse("north")],
        }));
        await Police.SyncAsync();
    }

    /// <summary>A consent of <paramref name="subject"/> to send to the shelter, unless another is named.</summary>
    public Task<RecordConsent.Recorded> ConsentAsync(string subject = "SYNTHETIC child 1", AgencyId? to = null, Category[]? agreed = null) => Police.With(db =>
    {
        var now = WireTime.Whole(Clock.GetUtcNow());
        var detail = new ConsentDetail
        {
            Grantors = [Grantor.ChildAssent, Grantor.Guardian],
            CompetenceAssessed = "yes",
            Categories = agreed ?? Agreed,
            Services = ["safehouse"],
            Form = ConsentForm.Written,
            Language = "Arabic",
            RisksExplained = "yes",
            ObtainedAt = now,
            ObtainedBy = "SYNTHETIC officer",
        };
        var given = new RecordConsent.Given(subject, [Purpose.Protection], [ServiceFamily.Shelter], now.AddDays(30), now.AddDays(60), ConsentStatus.Granted, detail);
        return RecordConsent.Handle(
            new(given, to ?? Shelter.Id, Police.Worker), db, Police.Own, Police.Use<Outbox>(), Police.Use<Dispatch>(), Police.Use<FollowDirectory>(), Clock, Ct);
    });

    /// <summary>What the police asks its gateway to send: it discloses what <paramref name="form"/> has, and keeps the concern that every form has.</summary>
    public SendReferral.Request Request(RecordConsent.Recorded consent, string form, params AttachedFile[] attachments)
    {
        var members = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(form)!;
        Category[] disclosed = [.. members.Keys.Select(k => Code.TryParse<Category>(k, out var c) ? c : Category.Summary), .. attachments.Select(a => a.Category)];
        members.TryAdd("concern", JsonElement.Parse("""{"risk":"high","reason":"SYNTHETIC","servicesRequested":["safehouse"]}"""));
        var need = new Need(ServiceFamily.Shelter, Urgency.Urgent, AreaCode.Parse("north"));
        return new(new ReferralFile(Purpose.Protection, need, members, disclosed, attachments), Shelter.Id, consent.Consent, Police.Worker);
    }

    /// <summary>A referral that the hub has taken.</summary>
    public async Task<Guid> SendAsync()
    {
        await AgreeAsync();
        return (await Police.SendAsync(Request(await ConsentAsync(), """{"identity":{"name":"SYNTHETIC Sara"}}"""))).Referral;
    }

    public async ValueTask DisposeAsync()
    {
        await Police.DisposeAsync();
        await Shelter.DisposeAsync();
        if (_far is not null) await _far.DisposeAsync();
        Hub.Dispose();
        _certificate.Dispose();
        _ca.Dispose();
    }
}
