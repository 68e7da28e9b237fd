using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Commands;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Commands;

[Trait("store", "each")]
public sealed class TrailTests
{
    private static readonly Handle Auditor = Handle.Parse("aud1tor");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_act_and_every_refusal_is_in_it_with_the_person_who_signed()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        await field.Refused(Refusal.NotReleasable, handoff.Request(Part.Record, field.Shelter));

        var (rows, _) = await Read(field, new(Referral: handoff.Referral.ReferralId));

        Assert.Equal(
            [
                (AuditEventCode.StatementRecorded, null, "mara4"),
                (AuditEventCode.StatementRecorded, HandoffAct.Delivered, null),
                (AuditEventCode.StatementRecorded, HandoffAct.Acknowledged, "noor2"),
                (AuditEventCode.Refused, null, null),
            ],
            rows.Select(row => (row.Event.Event, row.Event.Act, row.By?.ToString())));
    }

    [Fact]
    public async Task Each_part_of_a_question_narrows_it()
    {
        await using var field = await TestField.Start();
        var first = await field.Handoff(HandoffState.Acknowledged);
        await field.Refused(Refusal.NotReleasable, first.Request(Part.Record, field.Shelter));
        field.Clock.Now += TimeSpan.FromHours(1);
        var later = field.In(default);
        var second = await field.Handoff();

        var all = (await Read(field, new())).Rows;
        Assert.All((await Read(field, new(Referral: second.Referral.ReferralId))).Rows, row => Assert.Equal(second.Referral.ReferralId, row.Event.Referral));
        Assert.Equal([Refusal.NotReleasable.Urned()], (await Read(field, new(Refused: true))).Rows.Select(row => row.Event.Refusal));
        Assert.All((await Read(field, new(By: Handle.Parse("noor2")))).Rows, row => Assert.Equal(HandoffAct.Acknowledged, row.Event.Act));
        Assert.All((await Read(field, new(From: later))).Rows, row => Assert.True(row.Event.At >= later));
        Assert.All((await Read(field, new(Until: later))).Rows, row => Assert.True(row.Event.At < later));
        Assert.Equal(all.Count - 1, (await Read(field, new(Until: later))).Rows.Count + (await Read(field, new(From: later), rows => rows.Event.Event != AuditEventCode.TrailRead)).Rows.Count);
        Assert.DoesNotContain((await Read(field, new(Agency: field.Ngo.Id))).Rows, row => row.Event.Referral is not null);
        Assert.Contains((await Read(field, new(Agency: field.Shelter.Id))).Rows, row => row.Event.Agency == field.Police.Id);
    }

    [Fact]
    public async Task Reading_it_is_an_event_that_says_who_asked_for_what()
    {
        await using var field = await TestField.Start();
        await Read(field, new(Agency: field.Police.Id, Refused: true));

        var read = (await field.Events())[^1];
        Assert.Equal((AuditEventCode.TrailRead, Auditor, "agency=police-7 refused=yes", null), (read.Event, read.By, read.Query, read.Agency));
        Assert.Contains((await Read(field, new(By: Auditor))).Rows, row => row.Event.Query == "agency=police-7 refused=yes");
    }

    [Fact]
    public async Task The_newest_are_shown_and_that_there_are_more()
    {
        await using var field = await TestField.Start();
        await field.Handoff();
        var (rows, more) = await Read(field, new(), limit: 2);
        Assert.Equal((2, true, AuditEventCode.TrailRead), (rows.Count, more, rows[^1].Event.Event));
    }

    [Fact]
    public async Task An_auditor_reading_does_not_show_in_the_evidence_that_parties_take()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        await Read(field, new(Referral: handoff.Referral.ReferralId));
        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Null(report.Finding);
        Assert.DoesNotContain(report.Story!.Acts, act => act.Event == AuditEventCode.TrailRead);
    }

    [Fact]
    public async Task The_commands_read_it_and_name_disclosures_that_do_not_pair()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        await field.Post(handoff.Request(Part.Record, field.Shelter));
        await field.Sequence();

        Assert.Contains($"{handoff.Referral.ReferralId}  record from police-7 to harbour: not-opened\n", await Unpaired(field), StringComparison.Ordinal);
        await field.Receipt(handoff.Access(Part.Record, field.Shelter));
        await field.Sequence();
        Assert.Equal("0 disclosures do not pair", await Unpaired(field));

        var all = await Said(field, (services, _) => TrailCommand.Read(services, new(), Auditor, 1000, Ct));
        Assert.Matches(@"police-7  mara4  statement-recorded referral  \S+\n", all);
        Assert.Matches(@"hub  aud1tor  trail-read unpaired all  -\n", all);
    }

    private static async Task<(IReadOnlyList<TrailRow> Rows, bool More)> Read(
        TestField field, TrailQuery query, Func<TrailRow, bool>? only = null, int limit = 1000)
    {
        await using var scope = field.Hub.Services.CreateAsyncScope();
        var (rows, more) = await scope.ServiceProvider.GetRequiredService<Trail>().Read(query, Auditor, limit, Ct);
        return ([.. rows.Where(only ?? (_ => true))], more);
    }

    private static Task<string> Unpaired(TestField field) => Said(field, (services, db) => TrailCommand.Unpaired(services, db, new(), Auditor, Ct));

    private static async Task<string> Said(TestField field, Func<IServiceProvider, HubDb, Task<ReferralHub.Hub.Commands.Answer>> command)
    {
        await using var scope = field.Hub.Services.CreateAsyncScope();
        return (await command(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<HubDb>())).Text;
    }
}
