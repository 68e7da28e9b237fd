using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Parts;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Referrals;

public sealed class ReleasePartTests
{
    private static readonly HandoffState[] Open =
        [HandoffState.Sent, HandoffState.Delivered, HandoffState.Acknowledged, HandoffState.InformationRequested];

    private static readonly HandoffState[] Served =
        [HandoffState.Accepted, HandoffState.InProgress, HandoffState.OnHold, HandoffState.Completed, HandoffState.Failed];

    // docs/protocol.md §3.6, written out again; a question, an answer or a note that was never sent is none.
    private static readonly (Part Part, bool ToSender, HandoffState[] States)[] Table =
    [
        (Part.Summary, false, [.. Open, .. Served]),
        (Part.Record, false, Served),
        (Part.Question, true, [HandoffState.InformationRequested]),
        (Part.Note, true, [HandoffState.Completed, HandoffState.Failed, HandoffState.LoopClosed]),
    ];

    public static TheoryData<HandoffState> States => new(Enum.GetValues<HandoffState>());

    [Theory, MemberData(nameof(States))]
    public async Task Each_part_goes_to_its_party_in_its_states_and_to_nobody_else(HandoffState state)
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(state);

        foreach (var (part, toSender, states) in Table)
        {
            var (owner, other) = toSender ? (field.Police, field.Shelter) : (field.Shelter, field.Police);
            await field.Refused(Refusal.NotFound, handoff.Request(part, field.Ngo));
            await field.Refused(Refusal.NotSealedToYou, handoff.Request(part, other));
            if (!states.Contains(state))
                await field.Refused(toSender ? Refusal.PartDiffers : Refusal.NotReleasable, handoff.Request(part, owner));
            else
                Assert.IsType<FileContentHttpResult>(await field.Post(handoff.Request(part, owner)));
        }
    }

    [Fact]
    public async Task What_comes_is_the_part_and_one_event_tells_of_it()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        var request = field.Shelter.Sign(await field.Heads(handoff.Request(Part.Record, field.Shelter)));
        var before = await field.Events();

        var file = Assert.IsType<FileContentHttpResult>(await field.Post(request));

        var record = handoff.Referral.Parts[1];
        Assert.Equal((record.Size, record.Sha256), (file.FileContents.Length, Digest.Of(file.FileContents.Span)));
        var released = Assert.Single((await field.Events()).Skip(before.Count));
        Assert.Equal(
            (AuditEventCode.PartReleased, request.Id, Part.Record, record.Sha256, field.Shelter.Id),
            (released.Event, released.Statement, released.Part, released.Sha256, released.Agency));
        Assert.True(released.Decision!.Permit);
    }

    [Fact]
    public async Task A_request_is_good_for_one_release()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        var request = handoff.Request(Part.Record, field.Shelter);

        Assert.IsType<FileContentHttpResult>(await field.Post(request));
        await field.Refused(Refusal.RequestUsed, request);
        Assert.IsType<FileContentHttpResult>(await field.Post(request with { IssuedAt = field.In(TimeSpan.FromSeconds(1)) }));

        Assert.Equal(2, (await field.Events()).Count(e => e.Event is AuditEventCode.PartReleased));
    }

    [Theory]
    [InlineData(Part.Summary, HandoffState.Sent)]
    [InlineData(Part.Record, HandoffState.Accepted)]
    public async Task Nothing_goes_to_the_recipient_once_consent_has_run_out(Part part, HandoffState state)
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(state, consent);

        field.Clock.Now = consent.ValidUntil;

        await field.Refused(Refusal.ConsentRefused, handoff.Request(part, field.Shelter));
        Assert.Equal([RefusalReason.ConsentExpired], (await field.Events())[^1].Decision!.Reasons);
    }

    [Fact]
    public async Task An_answer_is_not_released_once_consent_has_run_out_and_a_question_is()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.InformationRequested, consent);
        await handoff.Do(HandoffAct.InformationProvided);

        field.Clock.Now = consent.ValidUntil;

        await field.Refused(Refusal.ConsentRefused, handoff.Request(Part.Answer, field.Shelter));
        Assert.IsType<FileContentHttpResult>(await field.Post(handoff.Request(Part.Question, field.Police)));
    }

    [Fact]
    public async Task The_note_goes_back_to_the_sender_also_when_consent_has_run_out()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Completed, consent);

        field.Clock.Now = consent.ValidUntil;

        Assert.IsType<FileContentHttpResult>(await field.Post(handoff.Request(Part.Note, field.Police)));
        var released = (await field.Events())[^1];
        Assert.Equal((AuditEventCode.PartReleased, Part.Note, null), (released.Event, released.Part, released.Decision));
    }

    [Fact]
    public async Task What_was_sent_under_a_consent_is_erased_at_its_time_and_the_evidence_stays_good()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented();
        var handoff = await field.Handoff(HandoffState.Completed, consent);

        field.Clock.Now = consent.EraseAt;
        Assert.Equal(3, await field.Use(db => SweepParts.RunOnce(db, field.Hub.Uploads, TestContext.Current.CancellationToken)));
        foreach (var (part, by) in new[] { (Part.Summary, field.Shelter), (Part.Record, field.Shelter), (Part.Note, field.Police) })
            await field.Refused(Refusal.PartErased, handoff.Request(part, by));

        var report = await field.Report(await field.Bundle(handoff, field.Police));
        Assert.Null(report.Finding);
        Assert.Equal(3, report.Story!.Acts.Count(act => act.Event is AuditEventCode.PartErased));
    }

    [Fact]
    public async Task Refuses_another_digest_and_an_after_that_never_was()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Accepted);
        var request = handoff.Request(Part.Record, field.Shelter);

        await field.Refused(Refusal.PartDiffers, request with { Sha256 = handoff.Referral.Parts[0].Sha256 });
        await field.Refused(Refusal.Stale, request with { After = Digest.Of("never"u8) });
    }
}
