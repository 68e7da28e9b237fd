using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>A consent is taken back: what both gateways do of it (docs/protocol.md §3.8).</summary>
public sealed class RevocationTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revocation_locks_the_content_at_once_and_says_plainly_what_it_cannot_do()
    {
        await using var pair = await TestPair.StartAsync();
        var (consent, id) = await OpenedAsync(pair);

        var revoked = await pair.Police.RevokeAsync(consent);
        await pair.Shelter.SyncAsync();

        foreach (var attempt in (Func<Task>[])[() => pair.Shelter.SummaryAsync(id), () => pair.Shelter.RecordAsync(id)])
        {
            var e = await Assert.ThrowsAsync<RefusedException>(attempt);
            Assert.Equal((Refusal.Locked, "consent-revoked"), (e.Refusal, e.Reasons[0]));
            Assert.Contains("cannot be recalled by technology", e.Message, StringComparison.Ordinal);
        }

        Assert.NotNull(Assert.Single(revoked.Referrals).AnswerDue);
        var text = new StringWriter();
        revoked.Print(text);
        Assert.Contains("cannot be recalled by technology", text.ToString(), StringComparison.Ordinal);
        Assert.Contains(await pair.Shelter.AlarmsAsync(), alarm => alarm.StartsWith("consent-revoked", StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(pair.Request(new(consent, CaseCode.Draw(), default, default), Identity)));
        Assert.Equal((Refusal.ConsentRefused, "consent-revoked"), (refused.Refusal, refused.Reasons[0]));
    }

    [Fact]
    public async Task A_lead_erases_really_and_the_sender_is_told()
    {
        await using var pair = await TestPair.StartAsync();
        var lead = await pair.Shelter.HireAsync("Ada Berg", lead: true);
        var (consent, id) = await OpenedAsync(pair);
        await pair.Police.RevokeAsync(consent);
        await pair.Shelter.SyncAsync();
        Assert.Equal(Refusal.NotForYou, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.EraseAsync(id, pair.Shelter.Worker))).Refusal);
        Assert.NotEmpty(System.IO.Directory.GetFiles(pair.Shelter.Folder.Parts));

        var erased = await pair.Shelter.EraseAsync(id, lead);
        await pair.Police.SyncAsync();

        Assert.Equal(2, erased.Parts);
        Assert.Empty(System.IO.Directory.GetFiles(pair.Shelter.Folder.Parts));
        Assert.Equal("erased", Assert.Single((await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.RecordAsync(id))).Reasons));
        var kept = await pair.Police.With(db => db.Referrals.SingleAsync(r => r.Id == id, Ct));
        Assert.Equal((true, (DateTimeOffset?)null), (kept.Erased, kept.ErasureDue));
        Assert.Empty(await pair.Police.AlarmsAsync());
        Assert.NotNull(Assert.Single((await pair.Police.AccountAsync("SYNTHETIC child 1")).Disclosures).Erased);
    }

    [Fact]
    public async Task A_lead_keeps_on_a_ground_and_what_is_kept_stays_locked()
    {
        await using var pair = await TestPair.StartAsync();
        var lead = await pair.Shelter.HireAsync("Ada Berg", lead: true);
        var (consent, id) = await OpenedAsync(pair);
        Assert.Equal(Refusal.CustodyForbids, (await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.KeepAsync(id, lead, KeepGround.RecordsDuty))).Refusal);
        await pair.Police.RevokeAsync(consent);
        await pair.Shelter.SyncAsync();

        await pair.Shelter.KeepAsync(id, lead, KeepGround.RecordsDuty);
        await pair.Police.SyncAsync();

        await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.RecordAsync(id));
        Assert.Equal(KeepGround.RecordsDuty, Assert.Single((await pair.Police.AccountAsync("SYNTHETIC child 1")).Disclosures).Kept);
    }

    [Fact]
    public async Task The_revoker_is_told_when_the_answer_does_not_come_in_time()
    {
        await using var pair = await TestPair.StartAsync();
        var (consent, id) = await OpenedAsync(pair);
        await pair.Police.RevokeAsync(consent);
        await pair.Police.SyncAsync();
        Assert.Empty(await pair.Police.AlarmsAsync());

        pair.Clock.Ahead += TimeSpan.FromHours(24);
        await pair.Police.SyncAsync();

        Assert.StartsWith($"erasure-overdue {WireId.Text(id)}", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revocation_told_to_the_recipient_locks_there_and_goes_to_the_sender()
    {
        await using var pair = await TestPair.StartAsync();
        var (consent, id) = await OpenedAsync(pair);

        var said = new StringWriter();
        (await pair.Shelter.ToldAsync(id)).Print(said);
        await pair.Police.SyncAsync();

        Assert.Contains("locked", said.ToString(), StringComparison.Ordinal);
        // What the alarm asks for is found.
        Assert.Equal(consent, (await pair.Police.ShowAsync(id)).Consent);

        Assert.Equal("revocation-told", Assert.Single((await Assert.ThrowsAsync<RefusedException>(() => pair.Shelter.RecordAsync(id))).Reasons));
        Assert.StartsWith($"revocation-told {WireId.Text(id)}", Assert.Single(await pair.Police.AlarmsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hold_takes_two_sign_ins_and_stops_erasing_here()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = pair.Shelter;
        var first = await shelter.HireAsync("Ada Berg", "ada's own secret", lead: true);
        var second = await shelter.HireAsync("Ben Lind", "ben's own secret");
        var (consent, id) = await OpenedAsync(pair);
        Assert.Equal(Refusal.WrongSecret, (await Assert.ThrowsAsync<RefusedException>(() => shelter.HoldAsync(id, HoldAct.Placed, first, "ben's own secret"))).Refusal);

        var draft = (await shelter.HoldAsync(id, HoldAct.Placed, first, "ada's own secret")).Draft;
        Assert.Equal(Refusal.NotForYou, (await Assert.ThrowsAsync<RefusedException>(() => shelter.ApproveAsync(draft, first, "ada's own secret"))).Refusal);
        var shown = await shelter.ShowDraftAsync(draft, second, "ben's own secret");
        Assert.Equal("placed", shown.Facts.GetProperty("act").GetString());
        shown.Print(TextWriter.Null);
        Assert.Equal(DraftKind.LegalHold, (await shelter.ApproveAsync(draft, second, "ben's own secret")).Kind);
        await pair.Police.RevokeAsync(consent);
        await shelter.SyncAsync();

        Assert.Equal(Refusal.CustodyForbids, (await Assert.ThrowsAsync<RefusedException>(() => shelter.EraseAsync(id, first))).Refusal);
        await shelter.KeepAsync(id, first, KeepGround.LegalHold);
        await pair.Police.SyncAsync();
        Assert.Equal(KeepGround.LegalHold, Assert.Single((await pair.Police.AccountAsync("SYNTHETIC child 1")).Disclosures).Kept);
        Assert.Empty(await pair.Police.AlarmsAsync());

        await shelter.ApproveAsync((await shelter.HoldAsync(id, HoldAct.Released, second, "ben's own secret")).Draft, first, "ada's own secret");
        await shelter.EraseAsync(id, first);
        Assert.Empty(System.IO.Directory.GetFiles(shelter.Folder.Parts));
        Assert.False(await shelter.With(db => db.Parts.AnyAsync(p => p.Held)));
    }

    [Fact]
    public async Task The_account_says_in_plain_words_who_knows_what()
    {
        await using var pair = await TestPair.StartAsync();
        var (_, id) = await OpenedAsync(pair);
        await pair.Police.SyncAsync();

        var account = await pair.Police.AccountAsync("SYNTHETIC child 1");
        var told = Assert.Single(account.Disclosures);
        Assert.Equal((id, "Synthetic shelter", Basis.Consent), (told.Referral, told.Recipient, told.Basis));
        Assert.Equal([Category.Summary, Category.Identity], told.Categories);
        Assert.NotNull(told.FirstOpened);
        var page = account.ToHtml();
        Assert.Contains("<h2>Synthetic shelter</h2>", page, StringComparison.Ordinal);
        Assert.Contains("who you are", page, StringComparison.Ordinal);
        Assert.Contains("They still have it.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Equal(Refusal.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => pair.Police.AccountAsync("SYNTHETIC child 2"))).Refusal);
    }

    private static async Task<(Guid Consent, Guid Referral)> OpenedAsync(TestPair pair)
    {
        await pair.AgreeAsync();
        var consent = (await pair.ConsentAsync()).Consent;
        var id = (await pair.Police.SendAsync(pair.Request(new(consent, CaseCode.Draw(), default, default), Identity))).Referral;
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        await pair.Shelter.AcceptAsync(id);
        await pair.Shelter.RecordAsync(id);
        await pair.Shelter.SyncAsync();
        await pair.Police.SyncAsync();
        return (consent, id);
    }
}
