using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Commands;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class ExportEvidenceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bundle_of_a_whole_handoff_passes_the_check_of_anybody_who_knows_F()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Acknowledged);
        await field.Refused(Refusal.NotReleasable, handoff.Request(Part.Record, field.Shelter));
        await handoff.Do(HandoffAct.Accepted);
        await field.Post(handoff.Request(Part.Summary, field.Shelter));
        await field.Post(handoff.Request(Part.Record, field.Shelter));
        await field.Receipt(handoff.Access(Part.Record, field.Shelter));
        await handoff.Do(HandoffAct.Completed);
        await field.Post(handoff.Request(Part.Note, field.Police));
        await handoff.Do(HandoffAct.LoopClosed);

        var first = await field.Report(await field.Bundle(handoff, field.Police));
        var again = await field.Report(await field.Bundle(handoff, field.Shelter));

        Assert.Equal((null, HandoffState.LoopClosed), (first.Finding, first.Story?.State));
        Assert.Equal((null, first.Story!.Acts.Count + 1), (again.Finding, again.Story!.Acts.Count));
    }

    [Fact]
    public async Task Another_agreement_another_referral_and_a_strangers_attempts_do_not_disturb_it()
    {
        await using var field = await TestField.Start();
        var open = field.Police.Sign(await field.Heads(field.NewAgreement()));
        await field.Post(open);
        var handoff = await field.Handoff();
        await field.Handoff(HandoffState.Declined);
        await field.Refused(Refusal.NotFound, handoff.Request(Part.Summary, field.Ngo));
        await field.Receipt(field.Accepting((Agreement)open.Statement, open.Id));
        await handoff.Do(HandoffAct.Delivered);

        var report = await field.Report(await field.Bundle(handoff, field.Shelter));

        Assert.Equal((null, HandoffState.Delivered), (report.Finding, report.Story?.State));
        Assert.DoesNotContain(report.Story!.Acts, act => act.Agency == field.Ngo.Id);
    }

    [Fact]
    public async Task Evidence_of_what_happened_while_the_clock_was_set_back_passes_the_check()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Delivered);
        field.Clock.Now -= TimeSpan.FromHours(1);
        await handoff.Do(HandoffAct.Acknowledged);
        await handoff.Do(HandoffAct.Accepted);
        await field.Post(handoff.Request(Part.Record, field.Shelter));

        var report = await field.Report(await field.Bundle(handoff, field.Police));

        Assert.Equal((null, HandoffState.Accepted), (report.Finding, report.Story?.State));
    }

    [Fact]
    public async Task A_party_s_looks_end_before_its_acts_and_both_before_evidence_is_too_large()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        var id = handoff.Referral.ReferralId;

        await Look(field, id, upTo: 1919);
        await field.Receipt(handoff.Access(Part.Summary, field.Shelter));
        await field.Refused(Refusal.ReferralFull, handoff.Access(Part.Summary, field.Shelter) with { Act = AccessAct.Exported });
        await field.Refused(Refusal.ReferralFull, handoff.Request(Part.Summary, field.Shelter));
        Assert.Equal(id, (await field.Events())[^1].Referral);
        await handoff.Do(HandoffAct.Delivered);
        // What one party has caused does not stop the other.
        await field.Receipt(handoff.Access(Part.Record, field.Police));

        await Look(field, id, upTo: 2047);
        var acknowledged = field.Shelter.Sign(await field.Heads(handoff.Act(HandoffAct.Acknowledged)));
        Assert.Equal(201, Assert.IsType<ContentHttpResult>(await field.Post(acknowledged)).StatusCode);
        await field.Refused(Refusal.ReferralFull, handoff.Act(HandoffAct.Accepted));
        Assert.Null((await field.Events())[^1].Referral);
        Assert.Equal(200, Assert.IsType<ContentHttpResult>(await field.Post(acknowledged)).StatusCode);

        var zip = await field.Bundle(handoff, field.Shelter);
        Assert.Null((await field.Events())[^1].Referral);
        Assert.Equal((null, HandoffState.Acknowledged), ((await field.Report(zip)).Finding, (await field.Report(zip)).Story?.State));
        Assert.Equal(2048, (await field.Events()).Count(happened => happened.Referral == id && happened.Agency == field.Shelter.Id));
    }

    [Fact]
    public async Task The_export_is_an_event_that_names_the_manifest()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();

        await field.Bundle(handoff, field.Shelter);

        var exported = (await field.Events())[^1];
        Assert.Equal(
            (AuditEventCode.EvidenceExported, field.Shelter.Id, handoff.Referral.ReferralId),
            (exported.Event, exported.Agency, exported.Referral));
        Assert.NotNull(exported.Manifest);
    }

    [Fact]
    public async Task Only_a_party_gets_it()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();

        foreach (var (id, by) in new[]
        {
            (handoff.Referral.ReferralId.ToString(), field.Ngo),
            (field.NewId().ToString(), field.Police),
            ("no-id", field.Police),
        })
        {
            var answer = await field.Evidence(id, by);
            Assert.Equal(Refusal.NotFound.Urned(), Assert.IsType<ProblemHttpResult>(answer).ProblemDetails.Type);
        }
    }

    [Fact]
    public async Task Nothing_is_exported_while_an_event_about_it_waits_for_its_place()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();

        var answer = await field.Evidence(handoff.Referral.ReferralId.ToString(), field.Police);

        Assert.Equal(Refusal.NotLoggedYet.Urned(), Assert.IsType<ProblemHttpResult>(answer).ProblemDetails.Type);
    }

    [Fact]
    public async Task The_operators_command_writes_one_too_and_its_event_names_nobody()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();
        await field.Sequence();
        var file = Path.Combine(field.Hub.Data.Root, "evidence.zip");
        string[] command = ["evidence", handoff.Referral.ReferralId.ToString(), "--out", file, "--data", field.Hub.Data.Root];

        Assert.Equal(0, await Shell.Run(Shell.Root("", EvidenceCommand.Make()), command));
        Assert.Null((await field.Report(await File.ReadAllBytesAsync(file, Ct))).Finding);
        var exported = (await field.Events())[^1];
        Assert.Equal((AuditEventCode.EvidenceExported, null), (exported.Event, exported.Agency));

        Assert.Equal(Shell.Advice, await Shell.Run(Shell.Root("", EvidenceCommand.Make()), command));
        command[1] = field.NewId().ToString();
        Assert.Equal(Shell.Advice, await Shell.Run(Shell.Root("", EvidenceCommand.Make()), command));
    }

    // Events of the shelter about the referral, until there are so many.
    private static Task Look(TestField field, Guid referral, int upTo) => field.Hub.Use(db => db.Write(async ct =>
    {
        var (at, directory) = (await db.EventTime(ct), (await field.Hub.Agencies.Now(db, ct)).Head);
        for (var i = await db.CountEvents(referral, field.Shelter.Id, ct); i < upTo; i++)
        {
            db.Record(new AuditEvent
            {
                Event = AuditEventCode.Refused,
                At = at,
                Directory = directory,
                Agency = field.Shelter.Id,
                Referral = referral,
                Refusal = Refusal.NotReleasable.Urned(),
            });
        }
    }, Ct));
}
