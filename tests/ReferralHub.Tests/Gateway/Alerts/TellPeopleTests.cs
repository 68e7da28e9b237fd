using Microsoft.EntityFrameworkCore;
using ReferralHub.Demo.Mail;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Duty;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using SmtpServer.Protocol;

namespace ReferralHub.Tests.Gateway.Alerts;

/// <summary>A police unit and a shelter, each with mailboxes at a real mail server on this machine.</summary>
public sealed class TellPeopleTests : IAsyncLifetime
{
    private const string Desk = "desk@example.org", Lead = "lead@example.org";

    private readonly string _folder = Directory.CreateTempSubdirectory("rh-").FullName;
    private TestPair _pair = null!;
    private Mailroom _police = null!;
    private Mailroom _shelter = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _pair = await TestPair.StartAsync();
        _police = await Mailroom.OpenAsync(Path.Combine(_folder, "police"));
        _shelter = await Mailroom.OpenAsync(Path.Combine(_folder, "shelter"));
        await ConfigureAsync(_pair.Police, Mail(_police));
        await ConfigureAsync(_pair.Shelter, Mail(_shelter));
    }

    [Fact]
    public async Task A_new_referral_reaches_the_duty_desk_once_whatever_restarts()
    {
        await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        Assert.Equal(1, await TellAsync(_pair.Shelter));
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        await _pair.Shelter.OpenAsync();
        await _pair.Shelter.SyncAsync();
        Assert.Equal(0, await TellAsync(_pair.Shelter));

        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, Desk));
        Assert.Empty(Subjects(_shelter, Lead));
    }

    [Fact]
    public async Task Alerts_climb_the_chain_into_real_mailboxes_on_both_sides()
    {
        var id = await _pair.SendAsync();
        await StepAsync(id, ClockKind.Acknowledge, ClockStep.Reminder);
        await StepAsync(id, ClockKind.Acknowledge, ClockStep.Breach);
        await StepAsync(id, ClockKind.Acknowledge, ClockStep.Leads);
        await StepAsync(id, ClockKind.Acknowledge, ClockStep.Coordinator);

        Assert.Equal(["1 referral to acknowledge", "1 referral to acknowledge: half of the time is over"], Subjects(_shelter, Desk).Order(StringComparer.Ordinal));
        Assert.Equal(["1 referral to acknowledge: the time is over", "1 referral to acknowledge: the time is over"], Subjects(_shelter, Lead));
        Assert.Equal(
            ["1 referral that the other side was to acknowledge: the time is over", "1 referral without an answer for long: another agency should be found"],
            Subjects(_police, Desk));
        Assert.Equal(["1 referral that the other side was to acknowledge: the time is over"], Subjects(_police, Lead));
        Assert.Empty(await _pair.Police.AlarmsAsync());
        Assert.Empty(await _pair.Shelter.AlarmsAsync());
    }

    [Fact]
    public async Task A_mailbox_that_an_excluded_person_reads_never_counts_the_referral()
    {
        var shelter = _pair.Shelter;
        var (excluded, cover) = (await HireAsync(shelter, "Noor Example", "noor@example.org"), await HireAsync(shelter, "Ada Berg", "ada@example.org"));
        await PutOnDutyAsync(shelter, excluded);
        await PutOnDutyAsync(shelter, cover, cover: true);
        await SendBothAsync("Nour al-Example");
        Assert.Equal(3, await TellAsync(shelter));

        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, "noor@example.org"));
        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, Desk));
        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, "ada@example.org"));
        Assert.Equal(cover, Assert.Single(await shelter.With(db => db.Notices.Where(n => n.Person == cover).ToListAsync(Ct))).Person);
    }

    [Fact]
    public async Task Whoever_is_on_duty_is_told_and_at_the_breach_the_lead()
    {
        var shelter = _pair.Shelter;
        await PutOnDutyAsync(shelter, await HireAsync(shelter, "Ada Berg", "ada@example.org"));
        await HireAsync(shelter, "Ole Grey", "ole@example.org", lead: true);
        var id = await _pair.SendAsync();
        await StepAsync(id, ClockKind.Acknowledge, ClockStep.Reminder);
        await StepAsync(id, ClockKind.Acknowledge, ClockStep.Breach);

        Assert.Equal(["1 referral to acknowledge", "1 referral to acknowledge: half of the time is over"], Subjects(_shelter, "ada@example.org").Order(StringComparer.Ordinal));
        Assert.Equal(["1 referral to acknowledge: the time is over"], Subjects(_shelter, "ole@example.org"));
    }

    [Fact]
    public async Task Where_everybody_who_could_be_told_is_excluded_it_waits_and_those_who_may_know_see_an_alarm()
    {
        var shelter = _pair.Shelter;
        var excluded = await HireAsync(shelter, "Noor Example", "noor@example.org", lead: true);
        await PutOnDutyAsync(shelter, excluded);
        await _pair.AgreeAsync();
        var id = await SendAsync("SYNTHETIC child 1", "Noor Example");
        await shelter.SyncAsync();
        Assert.Equal(0, await TellAsync(shelter));
        Assert.Equal([$"exclusion-matched {WireId.Text(id)}", $"nobody-to-tell {WireId.Text(id)}"], await shelter.AlarmsAsync());

        await PutOnDutyAsync(shelter, await HireAsync(shelter, "Ada Berg", "ada@example.org"));
        Assert.Equal(1, await TellAsync(shelter));
        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, "ada@example.org"));
        Assert.Empty(Subjects(_shelter, "noor@example.org").Concat(Subjects(_shelter, Desk)).Concat(Subjects(_shelter, Lead)));
    }

    [Fact]
    public async Task Whom_a_referral_excludes_is_not_known_before_it_is_read_so_nobody_is_told_before()
    {
        await _pair.AgreeAsync();
        var id = await SendAsync("SYNTHETIC child 1", "Noor Example");
        var summary = (await _pair.Police.ShowAsync(id)).Parts[0].Sha256;
        _pair.Hub.Damage(summary);
        await _pair.Shelter.SyncAsync();
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        Assert.Empty(await _pair.Shelter.AlarmsAsync());

        _pair.Hub.Damage(summary);
        await _pair.Shelter.SyncAsync();
        Assert.Equal(1, await TellAsync(_pair.Shelter));
        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, Desk));
    }

    [Fact]
    public async Task A_command_is_given_the_telephone_of_whoever_is_on_duty_where_no_process_list_shows_it()
    {
        var said = Path.Combine(_folder, "said");
        await ConfigureAsync(_pair.Shelter, new([], [], "inbox", Command: ["/bin/sh", "-c", "echo \"$@\" $(cat) >> \"$0\"", said]));
        var day = await _pair.Shelter.HireAsync("Ada Berg");
        await _pair.Shelter.With(db => SetContact.Handle(day, new(null, Telephone.Parse("+15550100")), db, _pair.Shelter.Own, Ct));
        await PutOnDutyAsync(_pair.Shelter, day);
        await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        Assert.Equal(2, await TellAsync(_pair.Shelter));
        Assert.Equal(["duty-desk acknowledge-new 1", "duty-desk acknowledge-new 1 +15550100"], (await File.ReadAllLinesAsync(said, Ct)).Order(StringComparer.Ordinal));
        Assert.False(_pair.Shelter.HoldsInClear("+15550100"));
    }

    [Fact]
    public async Task What_was_settled_before_anybody_was_told_is_told_to_nobody()
    {
        var id = await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        _pair.Hub.Overdue(id, ClockKind.Acknowledge, ClockStep.Breach);
        await _pair.Shelter.SyncAsync();
        await _pair.Shelter.AcknowledgeAsync(id);
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        Assert.Empty(Subjects(_shelter, Desk));
        Assert.Empty(Subjects(_shelter, Lead));
    }

    [Fact]
    public async Task Several_of_one_class_are_one_mail_with_their_count()
    {
        var first = await _pair.SendAsync();
        var second = (await _pair.Police.SendAsync(_pair.Request(await _pair.ConsentAsync("SYNTHETIC child 2"), """{"identity":{"name":"SYNTHETIC Sami"}}"""))).Referral;
        Assert.NotEqual(first, second);
        await _pair.Shelter.SyncAsync();
        Assert.Equal(1, await TellAsync(_pair.Shelter));
        Assert.Equal(["2 referrals to acknowledge"], Subjects(_shelter, Desk));
    }

    [Fact]
    public async Task A_mail_that_the_server_refused_goes_out_later_and_once()
    {
        await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        _shelter.Refuse = SmtpResponse.TransactionFailed;
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        Assert.Empty(Subjects(_shelter, Desk));
        _shelter.Refuse = null;
        await _pair.Shelter.OpenAsync();
        _pair.Clock.Ahead += TimeSpan.FromSeconds(10);
        Assert.Equal(1, await TellAsync(_pair.Shelter));
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, Desk));
    }

    [Fact]
    public async Task A_mail_sent_again_after_a_crash_has_the_same_Message_ID()
    {
        await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        await TellAsync(_pair.Shelter);

        // The mail server said yes, and the note of it was lost.
        await _pair.Shelter.With(db => db.Notices.ExecuteUpdateAsync(
            set => set.SetProperty(n => n.MailedAt, (DateTimeOffset?)null).SetProperty(n => n.NextAt, _pair.Clock.GetUtcNow()), Ct));
        await _pair.Shelter.OpenAsync();
        Assert.Equal(1, await TellAsync(_pair.Shelter));

        var mails = _shelter.Mails(Desk);
        Assert.Equal(2, mails.Count);
        Assert.Single(mails.Select(mail => mail.Split('\n').Single(line => line.StartsWith("Message-Id:", StringComparison.OrdinalIgnoreCase))).Distinct());
    }

    [Fact]
    public async Task When_the_hub_is_silent_the_duty_desk_is_told_once_by_the_gateways_own_clock()
    {
        await _pair.Shelter.SyncAsync();
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        _pair.Hub.IsDown = true;
        _pair.Clock.Ahead += TimeSpan.FromSeconds(590);
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        _pair.Clock.Ahead += TimeSpan.FromSeconds(20);
        Assert.Equal(1, await TellAsync(_pair.Shelter));
        await _pair.Shelter.OpenAsync();
        _pair.Clock.Ahead += TimeSpan.FromHours(5);
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        Assert.Equal(["The hub has not answered for some time. Use the telephone list"], Subjects(_shelter, Desk));

        // Another outage is another reason.
        _pair.Hub.IsDown = false;
        await _pair.Shelter.SyncAsync();
        _pair.Clock.Ahead += TimeSpan.FromSeconds(610);
        Assert.Equal(1, await TellAsync(_pair.Shelter));
    }

    [Fact]
    public async Task A_command_gets_audience_class_and_count_and_runs_once()
    {
        var said = Path.Combine(_folder, "said");
        await ConfigureAsync(_pair.Shelter, new([], [], "inbox", Command: ["/bin/sh", "-c", "echo \"$@\" >> \"$0\"", said, "--fixed"]));
        await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        Assert.Equal(1, await TellAsync(_pair.Shelter));
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        Assert.Equal("--fixed duty-desk acknowledge-new 1\n", await File.ReadAllTextAsync(said, Ct));
    }

    [Theory]
    [InlineData("/bin/false")]
    [InlineData("/nowhere/at-all")]
    public async Task A_command_that_fails_is_tried_again_and_the_mail_is_not_repeated(string program)
    {
        await ConfigureAsync(_pair.Shelter, Mail(_shelter) with { Command = [program] });
        await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        await ConfigureAsync(_pair.Shelter, Mail(_shelter) with { Command = ["/bin/true"] });
        _pair.Clock.Ahead += TimeSpan.FromSeconds(10);
        Assert.Equal(1, await TellAsync(_pair.Shelter));
        Assert.Equal(["1 referral to acknowledge"], Subjects(_shelter, Desk));
    }

    [Fact]
    public async Task Who_set_nothing_up_is_told_nothing_and_not_all_at_once_later()
    {
        File.Delete(_pair.Shelter.Folder.AlertSettings);
        await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        await ConfigureAsync(_pair.Shelter, Mail(_shelter));
        Assert.Equal(0, await TellAsync(_pair.Shelter));
        Assert.Empty(Subjects(_shelter, Desk));
    }

    [Fact]
    public async Task A_coordinator_reaches_the_desk_by_a_nudge_and_the_lead_by_an_escalation()
    {
        var id = await _pair.SendAsync();
        await _pair.Shelter.SyncAsync();
        await TellAsync(_pair.Shelter);
        _pair.Hub.Coordinate(id, CoordinatorActCode.Nudged, Party.Recipient);
        _pair.Hub.Coordinate(id, CoordinatorActCode.Escalated, Party.Recipient);
        _pair.Hub.Coordinate(id, CoordinatorActCode.Alternates);
        await BothAsync();
        Assert.Equal(["1 referral to acknowledge", "A coordinator asks about 1 referral"], Subjects(_shelter, Desk));
        Assert.Equal(["A coordinator asks about 1 referral"], Subjects(_shelter, Lead));
        Assert.Equal(["A coordinator asks about 1 referral"], Subjects(_police, Desk));
        Assert.Empty(await _pair.Shelter.AlarmsAsync());
        Assert.Contains((await _pair.Shelter.ShowAsync(id)).Timeline, told => told.Act == "nudged");
    }

    [Fact]
    public async Task No_mail_says_who_or_about_whom()
    {
        var id = await _pair.SendAsync();
        foreach (var step in Enum.GetValues<ClockStep>()) await StepAsync(id, ClockKind.Acknowledge, step);
        var cases = await _pair.Police.With(db => db.Cases.Select(c => c.Code).ToListAsync(Ct));
        string[] canaries = [WireId.Text(id), "police", "shelter", "SYNTHETIC", "Sara", .. cases.Select(code => code.ToString())];
        var mails = new[] { _police, _shelter }.SelectMany(room => room.Mails(Desk).Concat(room.Mails(Lead))).ToList();
        Assert.Equal(7, mails.Count);
        Assert.NotEmpty(cases);
        Assert.All(mails, mail => Assert.All(canaries, canary => Assert.DoesNotContain(canary, mail, StringComparison.OrdinalIgnoreCase)));
    }

    public async ValueTask DisposeAsync()
    {
        await _police.DisposeAsync();
        await _shelter.DisposeAsync();
        await _pair.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static AlertSettings Mail(Mailroom room) =>
        new([Desk], [Lead], "https://gateway.example/", new("127.0.0.1", room.Port, MailSecurity.None, "gateway@example.org"));

    private static Task ConfigureAsync(TestGateway gateway, AlertSettings settings) => File.WriteAllBytesAsync(
        gateway.Folder.AlertSettings, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(settings, ReferralHub.Gateway.LocalJson.Options), Ct);

    private static async Task<Handle> HireAsync(TestGateway gateway, string name, string mail, bool lead = false)
    {
        var person = await gateway.HireAsync(name, lead);
        await gateway.With(db => SetContact.Handle(person, new(mail, null), db, gateway.Own, Ct));
        return person;
    }

    private Task<AddShift.Added> PutOnDutyAsync(TestGateway gateway, Handle person, bool cover = false)
    {
        var now = WireTime.Whole(_pair.Clock.GetUtcNow());
        return gateway.With(db => AddShift.Handle(new(person, now, now.AddDays(1), cover), db, Ct));
    }

    /// <summary>Two referrals to the shelter, of which the second excludes somebody.</summary>
    private async Task SendBothAsync(string excluded)
    {
        await _pair.SendAsync();
        await SendAsync("SYNTHETIC child 2", excluded);
        await _pair.Shelter.SyncAsync();
    }

    private async Task<Guid> SendAsync(string subject, string excluded)
    {
        var request = _pair.Request(await _pair.ConsentAsync(subject), """{"identity":{"name":"SYNTHETIC Sami"}}""");
        return (await _pair.Police.SendAsync(request with { File = request.File with { Need = request.File.Need with { ExcludedPeople = [excluded] } } })).Referral;
    }

    private static Task<int> TellAsync(TestGateway gateway) => gateway.Use<TellPeople>().RunOnceAsync(Ct);

    private static IReadOnlyList<string> Subjects(Mailroom room, string address) =>
    [
        .. room.Mails(address)
            .Select(mail => MimeKit.MimeMessage.Load(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(mail))).Subject!)
            .Select(subject => subject["ReferralHub: ".Length..]),
    ];

    private async Task StepAsync(Guid id, ClockKind clock, ClockStep step)
    {
        _pair.Hub.Overdue(id, clock, step);
        await BothAsync();
    }

    private async Task BothAsync()
    {
        foreach (var gateway in new[] { _pair.Police, _pair.Shelter })
        {
            await gateway.SyncAsync();
            await TellAsync(gateway);
        }
    }
}
