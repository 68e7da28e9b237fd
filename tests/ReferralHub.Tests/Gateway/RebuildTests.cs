using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>A gateway that lost its records learns them again from what was signed. Spec: docs/protocol.md §6.</summary>
public sealed class RebuildTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_ends_know_again_what_was_said_and_how_each_referral_stands()
    {
        await using var pair = await TestPair.StartAsync();
        await TellEverythingAsync(pair);
        // Of the alarms, what somebody has answered since is not raised again; that one revocation waits for its answer, is.
        foreach (var (gateway, alarms) in new[] { (pair.Police, Array.Empty<AlarmCode>()), (pair.Shelter, [AlarmCode.ConsentRevoked]) })
        {
            var before = await KnownAsync(gateway);

            Assert.Equal(5, await gateway.RebuildAsync());

            var again = await KnownAsync(gateway);
            Assert.Equal(["lost:", "made up:"], ["lost:", .. before.Except(again), "made up:", .. again.Except(before)]);
            Assert.Equal(alarms, await gateway.With(db => db.Alarms.Select(a => a.Code).ToListAsync(Ct)));
        }
    }

    [Fact]
    public async Task What_was_delivered_before_is_kept_from_all_but_a_lead_until_its_summary_says_from_whom()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), Identity);
        var id = (await pair.Police.SendAsync(request with { File = request.File with { Need = request.File.Need with { ExcludedPeople = ["Noor Example"] } } })).Referral;
        await pair.Shelter.SyncAsync();

        await pair.Shelter.RebuildAsync();
        var (excluded, worker, lead) = (await pair.Shelter.HireAsync("Nour Example"), await pair.Shelter.HireAsync("Sam Berg"), await pair.Shelter.HireAsync("Ada Lind", lead: true));

        foreach (var handle in new[] { excluded, worker })
            Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, handle))).Refusal);
        Assert.Equal(HandoffState.Delivered, (await pair.Shelter.ShowAsync(id, lead)).State);

        await pair.Shelter.SyncAsync();
        Assert.Equal(HandoffState.Delivered, (await pair.Shelter.ShowAsync(id, worker)).State);
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, excluded))).Refusal);
    }

    [Fact]
    public async Task What_we_had_sent_is_kept_from_all_but_a_lead_since_whom_it_excludes_is_lost()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), Identity);
        var id = (await pair.Police.SendAsync(request with { File = request.File with { Need = request.File.Need with { ExcludedPeople = ["Noor Example"] } } })).Referral;

        await pair.Police.RebuildAsync();
        var (excluded, worker) = (await pair.Police.HireAsync("Nour Example"), await pair.Police.HireAsync("Sam Berg"));
        foreach (var handle in new[] { excluded, worker })
            Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.ShowAsync(id, handle))).Refusal);

        var lead = await pair.Police.HireAsync("Ada Lind", lead: true);
        var shown = await pair.Police.ShowAsync(id, lead);
        Assert.Equal((HandoffState.Sent, pair.Police.Id, lead), (shown.State, shown.Responsible, shown.Owner));
        await pair.Police.SyncAsync();
        foreach (var handle in new[] { excluded, worker })
            Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.ShowAsync(id, handle))).Refusal);
    }

    [Fact]
    public async Task What_was_erased_before_the_records_were_lost_is_shown_to_a_lead_alone()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        var id = (await pair.Police.SendAsync(pair.Request(consent, Identity))).Referral;
        var before = await pair.Shelter.HireAsync("Ada Berg", lead: true);
        await pair.Shelter.SyncAsync();
        await pair.Police.RevokeAsync(consent.Consent);
        await pair.Shelter.SyncAsync();
        await pair.Shelter.EraseAsync(id, before);

        await pair.Shelter.RebuildAsync();

        var worker = await pair.Shelter.HireAsync("Sam Berg");
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, worker))).Refusal);
        var lead = await pair.Shelter.HireAsync("Ada Lind", lead: true);
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.ShowAsync(id, worker))).Refusal);
        Assert.Equal(id, (await pair.Shelter.ShowAsync(id, lead)).Referral);
    }

    [Fact]
    public async Task A_record_is_not_fetched_while_the_summary_does_not_open_and_the_sender_is_told()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        await pair.Shelter.AcceptAsync(id);

        // The record would open.
        var summary = (await pair.Police.ShowAsync(id)).Parts[0].Sha256;
        pair.Hub.Damage(summary);
        await pair.Shelter.RebuildAsync();
        await pair.Shelter.SyncAsync();
        Assert.False(await pair.Shelter.With(db => db.Parts.AnyAsync(p => p.Held, Ct)));

        pair.Hub.Damage(summary);
        await pair.Shelter.LoseEncryptionKeyAsync();
        await pair.Shelter.RebuildAsync();
        await pair.Shelter.SyncAsync();

        Assert.False(await pair.Shelter.With(db => db.Parts.AnyAsync(p => p.Held, Ct)));
        await pair.Police.SyncAsync();
        Assert.Equal(
            HandoffAct.ContentMismatch,
            (await pair.Police.With(db => db.Statements.Where(s => s.Referral == id && !s.IsOurs).OrderBy(s => s.Order).LastAsync(Ct))).Read().Statement.Does);
    }

    [Fact]
    public async Task A_hub_that_makes_something_up_about_us_is_not_believed()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.SendAsync();
        var stranger = await pair.Shelter.With(db => db.Statements.Where(s => s.IsOurs).Select(s => s.Token).FirstAsync(Ct));
        var ours = await pair.Police.With(db => db.Statements.Where(s => s.IsOurs).Select(s => s.Token).FirstAsync(Ct));

        // Ours, with a signature that is another's.
        pair.Hub.Tamper = item => item.Replace(ours, ours[..ours.LastIndexOf('.')] + stranger[stranger.LastIndexOf('.')..], StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubAnswerException>(pair.Police.RebuildAsync);
    }

    // Every kind of statement that changes what a gateway keeps.
    private static async Task TellEverythingAsync(TestPair pair)
    {
        var (police, shelter) = (pair.Police, pair.Shelter);
        var first = await shelter.HireAsync("Ada Berg", "ada's own secret", lead: true);
        var second = await shelter.HireAsync("Ben Lind", "ben's own secret");
        await pair.AgreeAsync();

        var closed = await SendAsync();
        await shelter.SyncAsync();
        await shelter.AcknowledgeAsync(closed);
        await shelter.WriteAsync(HandoffAct.InformationRequested, closed, "SYNTHETIC question");
        await police.SyncAsync();
        await police.WriteAsync(HandoffAct.InformationProvided, closed, "SYNTHETIC answer");
        await shelter.SyncAsync();
        await shelter.AcceptAsync(closed);
        await shelter.RecordAsync(closed);
        await shelter.CompleteAsync(closed, "SYNTHETIC note");
        await police.SyncAsync();
        await police.ReadAsync(closed);
        await police.CloseAsync(closed);

        var erased = await AcceptedAsync();
        await police.RevokeAsync(erased.Consent);
        await shelter.SyncAsync();
        await shelter.EraseAsync(erased.Id, first);

        var held = await AcceptedAsync();
        await shelter.ApproveAsync((await shelter.HoldAsync(held.Id, HoldAct.Placed, first, "ada's own secret")).Draft, second, "ben's own secret");
        await shelter.ToldAsync(held.Id);
        await police.SyncAsync();
        await police.RevokeAsync(held.Consent);
        await shelter.SyncAsync();
        await shelter.KeepAsync(held.Id, first, KeepGround.LegalHold);

        var waiting = await AcceptedAsync();
        await police.RevokeAsync(waiting.Consent);

        var back = await SendAsync();
        await shelter.SyncAsync();
        await police.SyncAsync();
        await police.ChangeUrgencyAsync(back, Urgency.Emergency);
        await police.WithdrawAsync(back);
        await shelter.SyncAsync();
        await shelter.DoAsync(HandoffAct.CancelConfirmed, back);
        foreach (var gateway in new[] { police, shelter, police, shelter }) await gateway.SyncAsync();

        async Task<Guid> SendAsync() => (await police.SendAsync(pair.Request(await pair.ConsentAsync(), Identity))).Referral;

        async Task<(Guid Consent, Guid Id)> AcceptedAsync()
        {
            var consent = await pair.ConsentAsync();
            var id = (await police.SendAsync(pair.Request(consent, Identity))).Referral;
            await shelter.SyncAsync();
            await shelter.AcknowledgeAsync(id);
            await shelter.AcceptAsync(id);
            await shelter.RecordAsync(id);
            await police.SyncAsync();
            return (consent.Consent, id);
        }
    }

    // All but what only a gateway itself knew: times of keeping, and what is sealed to itself.
    private static Task<List<string>> KnownAsync(TestGateway gateway) => gateway.With(async db =>
    {
        var known = new List<string>();
        known.AddRange((await db.Referrals.ToListAsync(Ct)).Select(r => string.Join(
            ' ', r.Id, r.Role, r.Sender, r.Recipient, r.Consent, r.Basis, r.Release, r.Purpose, r.Replaces, r.Statement, r.State, r.Withdrawing, r.Urgency, r.Current, r.Seen, r.Locked, r.Custody, r.ErasureDue)));
        known.AddRange((await db.Statements.ToListAsync(Ct)).Select(s => string.Join(' ', s.Id, s.Kind, s.Referral, s.IsOurs, s.Approves, s.Fate)));
        known.AddRange((await db.Consents.ToListAsync(Ct)).Select(c => string.Join(' ', c.Id, c.Statement, c.Issuer, c.To, c.Case, c.Revocation)));
        known.AddRange((await db.Agreements.ToListAsync(Ct)).Select(a => string.Join(' ', a.AgreementId, a.Issuer, a.To, a.Statement, a.IsAcceptance)));
        known.AddRange((await db.Parts.ToListAsync(Ct)).Select(p => string.Join(' ', p.Sha256, p.Referral, p.Part, p.Size, p.SealedTo)));
        known.Sort(StringComparer.Ordinal);
        return known;
    });
}
