using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Profiles;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using SealedPart = ReferralHub.Protocol.Statements.SealedPart;
using StoredPart = ReferralHub.Hub.Parts.SealedPart;

namespace ReferralHub.Tests.Hub;

/// <summary>
/// A hub that police, a shelter and an NGO have joined, with real keys and the real database. Police and shelter have an
/// agreement; what the agencies post goes through the handlers of the product.
/// </summary>
internal sealed class TestField : IAsyncDisposable
{
    private TestField(TestHub hub, TestAgency police, TestAgency shelter, TestAgency ngo) =>
        (Hub, Police, Shelter, Ngo) = (hub, police, shelter, ngo);

    public TestHub Hub { get; }

    public FixedClock Clock => Hub.Clock;

    public TestAgency Police { get; }

    public TestAgency Shelter { get; }

    /// <summary>A member that is no party.</summary>
    public TestAgency Ngo { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Starts a hub with directory, and with an agreement between police and shelter.</summary>
    public static async Task<TestField> Start(Action<Messages.Builder>? messages = null)
    {
        var hub = await TestHub.Start(messages ?? ReferralHub.Hub.Notifications.Module.Messages);
        await hub.AddPolicy();
        var field = new TestField(
            hub,
            await hub.Join("police-7", AgencyKind.Police),
            await hub.Join("harbour", AgencyKind.Shelter),
            await hub.Join("beacon", AgencyKind.Ngo));
        var proposal = field.Police.Sign(await field.Heads(field.NewAgreement()));
        Assert.IsType<ContentHttpResult>(await field.Post(proposal));
        await field.Receipt(field.Accepting((Agreement)proposal.Statement, proposal.Id));
        return field;
    }

    /// <summary>The same agencies at another hub.</summary>
    public TestField At(TestHub hub) => new(hub, Police, Shelter, Ngo);

    /// <summary>A time of the hub's as the wire has it.</summary>
    public DateTimeOffset In(TimeSpan later) => WireTime.Whole(Clock.Now + later);

    public Guid NewId() => Guid.CreateVersion7(Clock.Now);

    public async Task<T> Use<T>(Func<HubDb, Task<T>> use) => await Hub.Use(use);

    /// <summary>Fills in the heads that the hub has published last.</summary>
    public Task<T> Heads<T>(T statement)
        where T : Statement => Use(async db =>
        {
            var heads = await db.Set<LogHead>().AsNoTracking().ToDictionaryAsync(h => h.Log, Ct);
            return statement with { Directory = heads[LogName.Directory].ToTreeHead(), AuditLog = heads[LogName.Audit].ToTreeHead() };
        });

    /// <summary>Signs and posts a statement as its issuer does.</summary>
    public async Task<IResult> Post(Statement statement) => await Post(AgencyOf(statement.Issuer).Sign(await Heads(statement)));

    /// <summary>Posts a token; the caller is <paramref name="caller"/>, or else its issuer.</summary>
    public async Task<IResult> Post(SignedStatement signed, AgencyId? caller = null, string? path = null)
    {
        await using var scope = Hub.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDb>();
        var intake = scope.ServiceProvider.GetRequiredService<Intake>();
        var submission = new Submission(Encoding.ASCII.GetBytes(signed.Jws.Token));
        var by = new Caller(caller ?? signed.Statement.Issuer);
        var about = path ?? signed.Statement.About?.ToString() ?? "";
        return signed.Statement switch
        {
            Agreement => Unwrap(await RecordAgreement.Handle(submission, by, intake, db, Ct)),
            Consent => Unwrap(await RecordConsent.Handle(submission, by, intake, db, Ct)),
            Profile => Unwrap(await PublishProfile.Profile(submission, by, intake, db, Ct)),
            Capacity => Unwrap(await PublishProfile.Capacity(submission, by, intake, db, Ct)),
            Referral => Unwrap(await SubmitReferral.Handle(submission, by, intake, db, Ct)),
            Acknowledgement => Unwrap(await Acknowledge.Handle(about, submission, by, intake, db, Ct)),
            SenderAct => Unwrap(await ActAsSender.Handle(about, submission, by, intake, db, Ct)),
            Access => Unwrap(await RecordAccess.Handle(about, submission, by, intake, db, Ct)),
            Approval => Unwrap(await RecordApproval.Handle(submission, by, intake, db, Ct)),
            ConsentRevocation => Unwrap(await RevokeConsent.Handle(submission, by, intake, db, Ct)),
            RevocationNotice => Unwrap(await NoticeRevocation.Handle(about, submission, by, intake, db, Ct)),
            LegalHold => Unwrap(await HoldReferral.Handle(about, submission, by, intake, db, Ct)),
            ErasureReceipt => Unwrap(await RecordErasure.Handle(about, submission, by, intake, db, Ct)),
            ReleaseRequest => await Fetch(await ReleasePart.Handle(about, submission, by, intake, db, Ct)),
            _ => throw new ArgumentException("No agency posts this.", nameof(signed)),
        };
    }

    /// <summary>Posts and expects this refusal, and that an event tells of it.</summary>
    public async Task<ProblemHttpResult> Refused(Refusal why, Statement statement) =>
        await Refused(why, AgencyOf(statement.Issuer).Sign(await Heads(statement)));

    /// <inheritdoc cref="Refused(Refusal, Statement)"/>
    public async Task<ProblemHttpResult> Refused(Refusal why, SignedStatement signed, AgencyId? caller = null)
    {
        var problem = Assert.IsType<ProblemHttpResult>(await Post(signed, caller));
        Assert.Equal(why.Urned(), problem.ProblemDetails.Type);
        var last = (await Events())[^1];
        Assert.Equal((AuditEventCode.Refused, why.Urned()), (last.Event, last.Refusal));
        return problem;
    }

    /// <summary>The token in an answer.</summary>
    public static string TokenOf(IResult answer) => Assert.IsType<ContentHttpResult>(answer).ResponseContent!;

    /// <summary>Posts and expects the receipt.</summary>
    public async Task<HubReceipt> Receipt(Statement statement)
    {
        var answer = Assert.IsType<ContentHttpResult>(await Post(statement));
        Assert.Equal(StatusCodes.Status201Created, answer.StatusCode);
        Assert.True(SignedStatement.TryRead(answer.ResponseContent!, out var receipt));
        return (HubReceipt)receipt.Statement;
    }

    /// <summary>A consent of the police to send to the shelter, recorded at the hub.</summary>
    public async Task<Consent> Consented(Func<Consent, Consent>? change = null)
    {
        var consent = NewConsent();
        consent = change?.Invoke(consent) ?? consent;
        await Receipt(consent);
        return consent;
    }

    public Consent NewConsent() => new()
    {
        Issuer = Police.Id,
        IssuedAt = In(default),
        Directory = Nowhere,
        AuditLog = Nowhere,
        ConsentId = NewId(),
        Case = CaseCode.Draw(),
        To = Shelter.Id,
        Purposes = [Purpose.Protection],
        Services = [ServiceFamily.Shelter],
        Categories = [ClearCategory.Summary, ClearCategory.Identity, ClearCategory.Sensitive],
        ValidUntil = In(TimeSpan.FromDays(30)),
        EraseAt = In(TimeSpan.FromDays(60)),
        Status = ConsentStatus.Granted,
        Detail = Digest.Of("detail"u8),
        By = Handle.Parse("mara4"),
    };

    /// <summary>A referral under <paramref name="consent"/> whose parts have been uploaded.</summary>
    public async Task<Referral> NewReferral(Consent consent) => new()
    {
        Issuer = consent.Issuer,
        IssuedAt = In(default),
        Directory = Nowhere,
        AuditLog = Nowhere,
        ReferralId = NewId(),
        To = consent.To,
        Case = consent.Case,
        Service = ServiceFamily.Shelter,
        Urgency = Urgency.Urgent,
        Purpose = Purpose.Protection,
        Basis = Basis.Consent,
        Consent = consent.ConsentId,
        Categories = [ClearCategory.Summary, ClearCategory.Identity],
        Release = ReleaseRule.OnAcceptance,
        Expires = In(TimeSpan.FromDays(14)),
        By = Handle.Parse("mara4"),
        Parts = [await Upload(Part.Summary, Police), await Upload(Part.Record, Police)],
    };

    /// <summary>A referral that rests on a danger, with no consent, whose parts have been uploaded.</summary>
    public async Task<Referral> NewStatutory(Guid? consent = null) => (await NewReferral(NewConsent())) with
    {
        Basis = Basis.RiskOfSignificantHarm,
        Ground = LegalGround.DangerOfSeriousHarm,
        Told = ChildTold.WouldEndanger,
        Consent = consent,
    };

    /// <summary>Signs a statement and has a second person of its issuer approve it at the hub; the statement itself is not handed in.</summary>
    public async Task<SignedStatement> Approved(Statement statement, string by = "ilse9")
    {
        var (agency, other) = statement.Issuer == Police.Id ? (Police, Shelter) : (Shelter, Police);
        var signed = agency.Sign(await Heads(statement));
        await Receipt(NewApproval(agency, other, signed.Id, by));
        return signed;
    }

    public Approval NewApproval(TestAgency by, TestAgency to, Digest approves, string person) => new()
    {
        Issuer = by.Id,
        IssuedAt = In(default),
        Directory = Nowhere,
        AuditLog = Nowhere,
        Approves = approves,
        To = to.Id,
        By = Handle.Parse(person),
    };

    public ConsentRevocation NewRevocation(Consent consent) => new()
    {
        Issuer = consent.Issuer,
        IssuedAt = In(default),
        Directory = Nowhere,
        AuditLog = Nowhere,
        ConsentId = consent.ConsentId,
        To = consent.To,
        By = Handle.Parse("mara4"),
    };

    /// <summary>Posts a signed statement and expects that it takes effect.</summary>
    /// <param name="signed">The statement.</param>
    /// <param name="answer">Whether it is answered with a receipt; a request is answered with the part.</param>
    public async Task Takes(SignedStatement signed, bool answer = true)
    {
        var taken = await Post(signed);
        if (answer) Assert.Equal(201, Assert.IsType<ContentHttpResult>(taken).StatusCode);
        else Assert.IsNotType<ProblemHttpResult>(taken);
    }

    /// <summary>Puts random bytes where an upload puts a part.</summary>
    public Task<SealedPart> Upload(Part part, TestAgency owner, int size = 70_000) => Use(async db =>
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var digest = Digest.Of(bytes);
        var stored = new StoredPart { Owner = owner.Id, Sha256 = digest, Size = size, Created = Clock.Now, Whole = true };
        db.Add(stored);
        await db.SaveChangesAsync(Ct);
        foreach (var (number, piece) in bytes.Chunk(Limits.PartRowBytes).Index())
            db.Add(new PartRow { Part = stored.Id, Number = number, Bytes = piece });
        await db.SaveChangesAsync(Ct);
        return new SealedPart(part, digest, size);
    });

    /// <summary>Sends a referral and moves it, each act by whose it is, as far as <paramref name="state"/>.</summary>
    public async Task<TestHandoff> Handoff(HandoffState state = HandoffState.Sent, Consent? consent = null)
    {
        var referral = await NewReferral(consent ?? await Consented());
        var handoff = new TestHandoff(this, referral);
        await handoff.Send();
        foreach (var act in WayTo(state)) await handoff.Do(act);
        if (state is HandoffState.Expired) await handoff.Expire();
        if (state is HandoffState.HandedBack) await handoff.HandBack();
        Assert.Equal(state, handoff.State);
        return handoff;
    }

    /// <summary>Hands back what the shelter has, without closing it.</summary>
    public Task HandBack() => Hub.Use(db => db.Write(
        async write =>
        {
            await ReferralHub.Hub.Referrals.HandBack.All(db, Hub.Keys, Shelter.Id, await Hub.Agencies.Now(db, write), write);
        },
        Ct));

    /// <summary>Lets the hub look once for what has expired.</summary>
    public Task<int> Expire() => Use(db => ExpireReferrals.RunOnce(db, Hub.Services.GetRequiredService<Agencies>(), Hub.Keys, Ct));

    /// <summary>Lets the hub look once for clocks that are due.</summary>
    public Task<int> Climb() => Use(db => ClimbChain.RunOnce(db, Hub.Services.GetRequiredService<Agencies>(), Hub.Keys, Ct));

    /// <summary>Lets the hub look once for receipts and reviews that are overdue.</summary>
    public Task<int> Chase() => Use(db => ChaseOwed.RunOnce(db, Hub.Services.GetRequiredService<Agencies>(), Hub.Keys, Ct));

    /// <summary>A coordinator acts.</summary>
    public Task<CoordinateFault?> Coordinate(Guid referral, CoordinatorActCode act, Func<CoordinatorAct, CoordinatorAct>? complete = null) => Use(db =>
        ReferralHub.Hub.Referrals.Coordinate.Act(
            db, Hub.Services.GetRequiredService<Agencies>(), Hub.Keys, referral,
            common => (complete ?? (said => said))(common.Say(act, Handle.Parse("crd0001"))), Ct));

    /// <summary>Gives every event its place in the audit log, as the server does all the time.</summary>
    public Task Sequence() => Use(async db =>
    {
        var epoch = await Lease.Take(db, Lease.Sequencer, Ct);
        while (await new Sequencer(Hub.Keys).RunOnce(db, epoch, Ct) > 0) ;
        Hub.Log.Good();
        return true;
    });

    /// <summary>Asks for the evidence about a referral.</summary>
    public async Task<IResult> Evidence(string referral, TestAgency by)
    {
        await using var scope = Hub.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var answer = await ExportEvidence.Handle(
            referral, by.Caller, services.GetRequiredService<HubDb>(), services.GetRequiredService<Evidence>(), Hub.Log, Ct);
        return answer.Result;
    }

    /// <summary>Exports the evidence about a referral as a party, once all of it is in the log.</summary>
    public async Task<byte[]> Bundle(TestHandoff handoff, TestAgency by)
    {
        await Sequence();
        var answer = Assert.IsType<EvidenceResult>(await Evidence(handoff.Referral.ReferralId.ToString(), by));
        var http = new DefaultHttpContext();
        var body = new MemoryStream();
        http.Response.Body = body;
        await answer.ExecuteAsync(http);
        Assert.Equal(body.Length, http.Response.ContentLength);
        return body.ToArray();
    }

    /// <summary>What anybody finds who knows F.</summary>
    public Task<EvidenceReport> Report(byte[] zip) => Use(async db =>
        EvidenceCheck.Run(zip, Digest.Of((await db.Set<DirectoryEntry>().SingleAsync(e => e.Index == 0, Ct)).Bytes)));

    /// <summary>One way to a state.</summary>
    private static HandoffAct[] WayTo(HandoffState state) => state switch
    {
        HandoffState.Sent or HandoffState.Expired or HandoffState.HandedBack => [],
        HandoffState.Delivered => [HandoffAct.Delivered],
        HandoffState.Acknowledged => [HandoffAct.Delivered, HandoffAct.Acknowledged],
        HandoffState.InformationRequested => [.. WayTo(HandoffState.Acknowledged), HandoffAct.InformationRequested],
        HandoffState.Accepted => [.. WayTo(HandoffState.Acknowledged), HandoffAct.Accepted],
        HandoffState.Declined => [.. WayTo(HandoffState.Acknowledged), HandoffAct.Declined],
        HandoffState.InProgress => [.. WayTo(HandoffState.Accepted), HandoffAct.InProgress],
        HandoffState.OnHold => [.. WayTo(HandoffState.Accepted), HandoffAct.OnHold],
        HandoffState.Completed => [.. WayTo(HandoffState.Accepted), HandoffAct.Completed],
        HandoffState.Failed => [.. WayTo(HandoffState.Accepted), HandoffAct.Failed],
        HandoffState.LoopClosed => [.. WayTo(HandoffState.Completed), HandoffAct.LoopClosed],
        HandoffState.Undeliverable => [HandoffAct.Undeliverable],
        HandoffState.Withdrawn => [HandoffAct.Withdrawn],
        HandoffState.EnteredInError => [HandoffAct.EnteredInError],
    };

    /// <summary>All events so far, read.</summary>
    public Task<List<AuditEvent>> Events() => Use(async db =>
        (await db.Set<AuditRecord>().AsNoTracking().OrderBy(r => r.Id).ToListAsync(Ct)).ConvertAll(record =>
        {
            Assert.True(AuditEvent.TryRead(record.Event, out var happened));
            return happened;
        }));

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        foreach (var agency in new[] { Police, Shelter, Ngo }) agency.Dispose();
    }

    /// <summary>Stands for heads until <see cref="Heads{T}"/> fills them in.</summary>
    public static TreeHead Nowhere { get; } = new(0, Digest.Of([]));

    private TestAgency AgencyOf(AgencyId id) => new[] { Police, Shelter, Ngo }.Single(agency => agency.Id == id);

    public Agreement NewAgreement() => new()
    {
        Issuer = Police.Id,
        IssuedAt = In(default),
        Directory = Nowhere,
        AuditLog = Nowhere,
        AgreementId = NewId(),
        To = Shelter.Id,
        Policy = PolicyId.Parse("default"),
        Routes = [new Route(Police.Id, Shelter.Id)],
        Purposes = [Purpose.Protection, Purpose.Care],
        Categories = [ClearCategory.Summary, ClearCategory.Identity, ClearCategory.Sensitive],
        From = In(TimeSpan.FromDays(-1)),
        Until = In(TimeSpan.FromDays(365)),
        EraseAfterDays = 90,
    };

    public Agreement Accepting(Agreement proposal, Digest id) =>
        proposal with { Issuer = proposal.To, To = proposal.Issuer, Accepts = id, IssuedAt = In(default) };

    private static IResult Unwrap(Results<ContentHttpResult, ProblemHttpResult> answer) => answer.Result;

    private static async Task<IResult> Fetch(Results<SealedPartResult, ProblemHttpResult> answer)
    {
        if (answer.Result is ProblemHttpResult problem) return problem;
        var http = new DefaultHttpContext();
        var body = new MemoryStream();
        http.Response.Body = body;
        await answer.Result.ExecuteAsync(http);
        Assert.Equal(body.Length, http.Response.ContentLength);
        return TypedResults.Bytes(body.ToArray());
    }
}

internal static class Signing
{
    /// <summary>Signs as the agency does.</summary>
    public static SignedStatement Sign(this TestAgency agency, Statement statement) => SignedStatement.Sign(agency.Key, statement);
}
