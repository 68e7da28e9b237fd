using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Statements;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Clocks;
using SealedPart = ReferralHub.Protocol.Statements.SealedPart;
using StoredPart = ReferralHub.Hub.Parts.SealedPart;

namespace ReferralHub.Tests.Hub.Clocks;

/// <summary>
/// A year among agencies with a moved clock, at the hub's handlers and on its real database: people answer in time, late or
/// never. The model keeps its own book of what each silence must bring. <c>YEAR_REFERRALS</c> says how many:
/// 40 among 6 agencies when it does not, 5,000 among 40 in the group <c>year</c> of <c>tests/run</c>.
/// </summary>
public sealed class YearTests
{
    private const int Looks = 12;

    private static readonly ClockSetting Setting = new(ClockTable.Default, WorkingCalendar.Default, WorkingCalendar.Default);
    private static readonly Handle Person = Handle.Parse("prsn1");

    private readonly PriorityQueue<Func<Task>, (DateTimeOffset, long)> _todo = new();
    // A clock that a question paused is another one after the answer, also when it ends at the same moment because nobody worked meanwhile.
    private readonly List<(Guid, ClockKind, ClockStep, DateTimeOffset Due)> _expected = [];
    private readonly Draw _random = new("a year");
    private readonly List<Life> _lives = [];
    private TestHub _hub = null!;
    private TreeHead _directory = null!;
    private TreeHead _log = null!;
    private long _number;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => WireTime.Whole(_hub.Clock.Now);

    [Fact]
    public async Task A_year_ends_with_no_referral_without_an_owner_no_clock_missed_no_alert_doubled_and_all_evidence_verifying()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("YEAR_REFERRALS") ?? "40", CultureInfo.InvariantCulture);
        var members = count < 1000 ? 6 : 40;
        await using var hub = _hub = await TestHub.Start(ReferralHub.Hub.Notifications.Module.Messages, Fast());
        await hub.AddPolicy();
        var agencies = new List<TestAgency>();
        for (var i = 0; i < members; i++) agencies.Add(await hub.Join($"agency-{i}", (AgencyKind)(i % 7)));
        (_directory, _log) = await hub.Use(async db =>
        {
            var heads = await db.Set<ReferralHub.Hub.Log.LogHead>().AsNoTracking().ToDictionaryAsync(h => h.Log, Ct);
            return (heads[ReferralHub.Hub.Log.LogName.Directory].ToTreeHead(), heads[ReferralHub.Hub.Log.LogName.Audit].ToTreeHead());
        });
        var consents = new List<(TestAgency From, TestAgency To, Consent Consent)>();
        for (var i = 0; i < members; i++) consents.Add(await AgreeAsync(agencies[i], agencies[(i + 1) % members]));

        var start = Now;
        for (var i = 0; i < count; i++)
        {
            var (from, to, consent) = consents[_random.Next(consents.Count)];
            At(start.AddSeconds(_random.Next(340 * 86_400)), () => SendAsync(from, to, consent));
        }

        while (_todo.TryDequeue(out var act, out var at))
        {
            await ClimbUntilAsync(at.Item1);
            await act();
        }

        await CheckAsync(count);
        foreach (var agency in agencies) agency.Dispose();
    }

    // A year is some hundred thousand commits, each durable; in memory they take a third of the time. That they last other tests show.
    private static string Fast() => System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    // The loop of the hub looks each second; here it looks whenever something is due.
    private async Task ClimbUntilAsync(DateTimeOffset at)
    {
        while (await _hub.Use(db => db.Set<ClockRecord>().MinAsync(c => c.NextAt, Ct)) is { } next && next <= at)
        {
            if (next > _hub.Clock.Now) _hub.Clock.Now = next;
            Assert.True(await _hub.Use(db => ClimbChain.RunOnce(db, _hub.Agencies, _hub.Keys, Ct)) > 0);
        }

        if (at > _hub.Clock.Now) _hub.Clock.Now = at;
    }

    private async Task CheckAsync(int count)
    {
        Assert.Equal(count, _lives.Count);
        // Nobody is left without an owner: each handoff is over, and until then one party was responsible after every act.
        Assert.All(_lives, life => Assert.True(Handoff.IsTerminal(life.State), $"{life.Id} ended as {life.State}"));
        Assert.Equal(0, await _hub.Use(db => db.Set<ClockRecord>().CountAsync(Ct)));

        var said = await _hub.Use(async db => (await db.Set<StoredStatement>().AsNoTracking().Where(s => s.Receipt == null && s.Referral != null).Select(s => s.Token).ToListAsync(Ct))
            .Select(token => StoredStatement.Read(token).Statement).OfType<HubAct>().Where(act => act.Chain is not null)
            .Select(act => (act.Referral!.Value, act.Clock!.Value, act.Chain!.Value, act.Due!.Value)).ToList());
        // As often as expected: nothing missed, nothing doubled, nothing made up.
        Assert.Equal(_expected.Order().ToList(), said.Order().ToList());

        await SequenceAsync();
        var genesis = await _hub.Use(async db => Digest.Of((await db.Set<DirectoryEntry>().SingleAsync(e => e.Index == 0, Ct)).Bytes));
        foreach (var life in _lives.Where((_, i) => i % Math.Max(1, count / Looks) == 0))
        {
            await using var scope = _hub.Services.CreateAsyncScope();
            var answer = await ExportEvidence.Handle(
                WireId.Text(life.Id), new Caller(life.From.Id), scope.ServiceProvider.GetRequiredService<HubDb>(), scope.ServiceProvider.GetRequiredService<Evidence>(), _hub.Log, Ct);
            var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
            await ((IResult)answer.Result).ExecuteAsync(http);
            var report = EvidenceCheck.Run(((MemoryStream)http.Response.Body).ToArray(), genesis);
            Assert.Equal((null, life.State), (report.Finding, report.Story?.State));
            await SequenceAsync();
        }
    }

    private Task SequenceAsync() => _hub.Use(async db =>
    {
        var epoch = await Lease.Take(db, Lease.Sequencer, Ct);
        while (await new ReferralHub.Hub.Audit.Sequencer(_hub.Keys).RunOnce(db, epoch, Ct) > 0) ;
        _hub.Log.Good();
    });

    private void At(DateTimeOffset at, Func<Task> act) => _todo.Enqueue(act, (at, _number++));

    private async Task<(TestAgency, TestAgency, Consent)> AgreeAsync(TestAgency from, TestAgency to)
    {
        var proposal = new Agreement
        {
            Issuer = from.Id,
            IssuedAt = Now,
            Directory = _directory,
            AuditLog = _log,
            AgreementId = Guid.CreateVersion7(Now),
            To = to.Id,
            Policy = PolicyId.Parse("default"),
            Routes = [new(from.Id, to.Id)],
            Purposes = [Purpose.Protection],
            Categories = [ClearCategory.Summary, ClearCategory.Identity],
            From = Now.AddDays(-1),
            Until = Now.AddDays(700),
            EraseAfterDays = 90,
        };
        var id = (await PostAsync(from, proposal)).Id;
        await PostAsync(to, proposal with { Issuer = to.Id, To = from.Id, Accepts = id });
        var consent = new Consent
        {
            Issuer = from.Id,
            IssuedAt = Now,
            Directory = _directory,
            AuditLog = _log,
            ConsentId = Guid.CreateVersion7(Now),
            Case = CaseCode.Draw(),
            To = to.Id,
            Purposes = [Purpose.Protection],
            Services = [ServiceFamily.Shelter],
            Categories = [ClearCategory.Summary, ClearCategory.Identity],
            ValidUntil = Now.AddDays(365),
            EraseAt = Now.AddDays(700),
            Status = ConsentStatus.Granted,
            Detail = Digest.Of("detail"u8),
            By = Person,
        };
        await PostAsync(from, consent);
        return (from, to, consent);
    }

    private async Task SendAsync(TestAgency from, TestAgency to, Consent consent)
    {
        var referral = new Referral
        {
            Issuer = from.Id,
            IssuedAt = Now,
            Directory = _directory,
            AuditLog = _log,
            ReferralId = Guid.CreateVersion7(Now),
            To = to.Id,
            Case = consent.Case,
            Service = ServiceFamily.Shelter,
            Urgency = (Urgency)_random.Next(4),
            Purpose = Purpose.Protection,
            Basis = Basis.Consent,
            Consent = consent.ConsentId,
            Categories = [ClearCategory.Summary, ClearCategory.Identity],
            Release = ReleaseRule.OnAcceptance,
            Expires = Now.AddDays(30),
            By = Person,
            Parts = [await UploadAsync(from, Part.Summary), await UploadAsync(from, Part.Record)],
        };
        var life = new Life(referral.ReferralId, from, to, referral.Urgency, referral.Expires)
        {
            After = (await PostAsync(from, referral)).Id,
            Clock = HandoffClock.Start(referral.Urgency, Now, Setting),
        };
        _lives.Add(life);
        Plan(life);
    }

    // What comes next, and when: soon, within the time, after some of the chain, or never; then the sender takes it back.
    private void Plan(Life life)
    {
        if (life.Clock is not { } clock) return;
        HandoffAct act = (life.State, _random.Next(10)) switch
        {
            (HandoffState.Sent, 0) => HandoffAct.Withdrawn,
            (HandoffState.Sent, _) => HandoffAct.Delivered,
            (HandoffState.Delivered, _) => life.Withdrawing ? HandoffAct.CancelConfirmed : _random.Next(12) == 0 ? HandoffAct.Withdrawn : HandoffAct.Acknowledged,
            (HandoffState.Acknowledged, 0) => HandoffAct.InformationRequested,
            (HandoffState.Acknowledged, 1) => HandoffAct.Declined,
            (HandoffState.Acknowledged, _) => HandoffAct.Accepted,
            (HandoffState.InformationRequested, _) => HandoffAct.InformationProvided,
            (HandoffState.Accepted, < 3) => HandoffAct.OnHold,
            (HandoffState.Accepted, _) => HandoffAct.InProgress,
            (HandoffState.OnHold, _) => HandoffAct.InProgress,
            (HandoffState.InProgress, < 3) => HandoffAct.NoShow,
            (HandoffState.InProgress, 3) => HandoffAct.Failed,
            (HandoffState.InProgress, _) => HandoffAct.Completed,
            (HandoffState.Completed or HandoffState.Failed, _) => HandoffAct.LoopClosed,
            _ => throw new InvalidOperationException($"Nothing comes after {life.State}."),
        };
        var (from, until) = _random.Next(10) switch
        {
            0 => (clock.Half, clock.Due),
            1 => (clock.Due, clock.Leads),
            2 => (clock.Leads, clock.Coordinator),
            3 => (clock.Coordinator, clock.Coordinator.AddHours(5)),
            _ => (Now, clock.Half),
        };
        if (act == HandoffAct.Delivered) (from, until) = (Now, Now.AddMinutes(5));
        var at = from.AddSeconds(_random.Next((int)Math.Max(1, (until - from).TotalSeconds)));
        At(at < Now.AddSeconds(1) ? Now.AddSeconds(1) : at, () => DoAsync(life, act));
    }

    private async Task DoAsync(Life life, HandoffAct act)
    {
        if (act == HandoffAct.Accepted && life.IsTooLate(Now)) act = HandoffAct.Declined;
        var sender = Handoff.ActorOf(act) == Party.Sender;
        var agency = sender ? life.From : life.To;
        IReadOnlyList<SealedPart>? parts = act switch
        {
            HandoffAct.InformationRequested => [await UploadAsync(agency, Part.Question)],
            HandoffAct.InformationProvided => [await UploadAsync(agency, Part.Answer)],
            HandoffAct.Completed or HandoffAct.Failed => [await UploadAsync(agency, Part.Note)],
            _ => null,
        };
        Statement said = sender
            ? new SenderAct
            {
                Issuer = agency.Id,
                IssuedAt = Now,
                Directory = _directory,
                AuditLog = _log,
                Referral = life.Id,
                After = life.After,
                Act = act,
                By = Person,
                Parts = parts,
                Reason = act == HandoffAct.Withdrawn ? WithdrawalReason.NoResponse : null,
            }
            : new Acknowledgement
            {
                Issuer = agency.Id,
                IssuedAt = Now,
                Directory = _directory,
                AuditLog = _log,
                Referral = life.Id,
                After = life.After,
                Act = act,
                Parts = parts,
                By = act == HandoffAct.Delivered ? null : Person,
                ExpectedBy = act == HandoffAct.Accepted ? Now.AddDays(1) : null,
                Reason = act == HandoffAct.Declined ? DeclineReason.NoCapacity : null,
                Outcome = act == HandoffAct.Completed ? Outcome.NeedsMet : null,
                Failure = act == HandoffAct.Failed ? FailReason.Moved : null,
            };
        var signed = await PostAsync(agency, said);
        life.Move(act, signed.Id, Now, _expected);
        Plan(life);
    }

    private async Task<SignedStatement> PostAsync(TestAgency agency, Statement statement)
    {
        var signed = agency.Sign(statement);
        await using var scope = _hub.Services.CreateAsyncScope();
        var (db, intake) = (scope.ServiceProvider.GetRequiredService<HubDb>(), scope.ServiceProvider.GetRequiredService<Intake>());
        var submission = new Submission(Encoding.ASCII.GetBytes(signed.Jws.Token));
        var answer = statement switch
        {
            Agreement => await RecordAgreement.Handle(submission, agency.Caller, intake, db, Ct),
            Consent => await RecordConsent.Handle(submission, agency.Caller, intake, db, Ct),
            Referral => await SubmitReferral.Handle(submission, agency.Caller, intake, db, Ct),
            Acknowledgement => await Acknowledge.Handle(statement.About!.Value.ToString(), submission, agency.Caller, intake, db, Ct),
            _ => await ActAsSender.Handle(statement.About!.Value.ToString(), submission, agency.Caller, intake, db, Ct),
        };
        if (answer.Result is ProblemHttpResult refused) Assert.Fail($"{statement.Kind} {statement.Does} of {statement.About} at {Now:o}: {refused.ProblemDetails.Type}");
        Assert.Equal(StatusCodes.Status201Created, Assert.IsType<ContentHttpResult>(answer.Result).StatusCode);
        return signed;
    }

    private Task<SealedPart> UploadAsync(TestAgency owner, Part part) => _hub.Use(async db =>
    {
        var bytes = RandomNumberGenerator.GetBytes(64);
        var digest = Digest.Of(bytes);
        db.Add(new StoredPart { Owner = owner.Id, Sha256 = digest, Size = bytes.Length, Created = _hub.Clock.Now, Whole = true });
        await db.SaveChangesAsync(Ct);
        return new SealedPart(part, digest, bytes.Length);
    });

    private sealed class Life(Guid id, TestAgency from, TestAgency to, Urgency urgency, DateTimeOffset expires)
    {
        private HandoffPosition _position = Handoff.Start;

        public Guid Id => id;

        public TestAgency From => from;

        public TestAgency To => to;

        public HandoffState State => _position.State;

        public bool Withdrawing => _position.Withdrawing;

        /// <summary>Whether it may no longer be accepted: whoever has waited so long can only decline.</summary>
        public bool IsTooLate(DateTimeOffset at) => Handoff.IsTooLate(urgency, expires, at);

        public Digest After { get; set; }

        public HandoffClock? Clock { get; set; }

        /// <summary>Books what the silence before this act must have brought, then moves on.</summary>
        public void Move(HandoffAct act, Digest statement, DateTimeOffset at, List<(Guid, ClockKind, ClockStep, DateTimeOffset)> expected)
        {
            var next = Handoff.Next(_position, Handoff.ActorOf(act), act) ?? throw new InvalidOperationException($"{act} after {_position}.");
            var clock = Clock!.Next(act, next.State, urgency, at, Setting);
            if (clock != Clock)
            {
                foreach (var step in Enum.GetValues<ClockStep>().Where(step => Clock.At(step) <= at && (step != ClockStep.Reminder || Clock.Half < Clock.Due))) expected.Add((id, Clock.Kind, step, Clock.Due));
            }

            (_position, Clock) = (next, clock);
            if (Handoff.SetsState(act)) After = statement;
            Assert.True(Handoff.IsTerminal(next.State) || Handoff.Responsible(next.State) is not null, "somebody is responsible");
        }
    }
}
