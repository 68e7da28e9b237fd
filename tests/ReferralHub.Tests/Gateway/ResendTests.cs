using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>What came to nothing is sent again out of the sender's own copy. Spec: docs/protocol.md §2.9.</summary>
public sealed class ResendTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_recipient_could_not_open_is_sealed_anew_from_the_copy_under_a_new_referral()
    {
        await using var pair = await TestPair.StartAsync();
        var (old, attachment) = await SendWithAttachmentAsync(pair);
        await pair.Shelter.LoseEncryptionKeyAsync();
        await pair.Shelter.SyncAsync();
        await pair.Police.SyncAsync();
        Assert.Equal(HandoffState.Undeliverable, (await pair.Police.ShowAsync(old)).State);

        var sent = await ResendAsync(pair.Police, old);
        await pair.Shelter.SyncAsync();

        Assert.Equal(old, (await ReferralAsync(pair.Shelter, sent.Referral)).Replaces);
        Assert.Equal(attachment, await ReadCopyAsync(pair.Police, sent.Referral));
    }

    [Fact]
    public async Task What_was_declined_goes_to_another_agency_with_the_consent_that_names_it()
    {
        await using var pair = await TestPair.StartAsync();
        await using var ngo = await JoinedAsync(pair);
        var (old, attachment) = await DeclinedAsync(pair);
        await pair.ConsentAsync("SYNTHETIC child 2", ngo.Id);
        var consent = await pair.ConsentAsync(to: ngo.Id);

        var sent = await ResendAsync(pair.Police, old, ngo.Id);
        await ngo.SyncAsync();
        await ngo.AcknowledgeAsync(sent.Referral);
        await ngo.AcceptAsync(sent.Referral);

        var (before, after) = (await StatementAsync(pair.Police, old), await StatementAsync(pair.Police, sent.Referral));
        Assert.Equal((consent.Consent, ngo.Id, old), (after.Consent, after.To, after.Replaces));
        Assert.NotEqual(before.Case, after.Case);
        Assert.Equal(attachment, await ReadAttachmentAsync(ngo, sent.Referral));
        Assert.Empty(await ngo.AlarmsAsync());
    }

    [Fact]
    public async Task To_another_agency_nothing_goes_without_a_consent_that_names_it()
    {
        await using var pair = await TestPair.StartAsync();
        await using var ngo = await JoinedAsync(pair);
        var (old, _) = await DeclinedAsync(pair);
        await pair.ConsentAsync("SYNTHETIC child 2", ngo.Id);

        Assert.Equal(Refusal.NotFound, await RefusedAsync(pair.Police, old, ngo.Id));
        Assert.Equal(Refusal.ConsentRefused, await RefusedAsync(pair.Police, old, ngo.Id, (await StatementAsync(pair.Police, old)).Consent));
    }

    [Fact]
    public async Task What_the_other_consent_does_not_cover_is_not_sent_again()
    {
        await using var pair = await TestPair.StartAsync();
        await using var ngo = await JoinedAsync(pair);
        var (old, _) = await DeclinedAsync(pair);
        await pair.ConsentAsync(to: ngo.Id, agreed: [Category.Identity]);

        Assert.Equal(Refusal.ContentOutsideConsent, await RefusedAsync(pair.Police, old, ngo.Id));
    }

    [Fact]
    public async Task What_is_not_over_or_was_sent_again_is_not_sent_again()
    {
        await using var pair = await TestPair.StartAsync();
        var (id, _) = await SendWithAttachmentAsync(pair);
        Assert.Equal(Refusal.StateForbids, await RefusedAsync(pair.Police, id));
        await DeclineAsync(pair, id);

        await ResendAsync(pair.Police, id);

        Assert.Equal(Refusal.StateForbids, await RefusedAsync(pair.Police, id));
    }

    [Fact]
    public async Task The_copy_of_what_was_declined_outlives_it_until_it_was_sent_again()
    {
        await using var pair = await TestPair.StartAsync();
        var (old, _) = await DeclinedAsync(pair);
        await pair.Police.SyncAsync();
        Assert.Equal(2, await CopiesAsync(pair.Police, old));

        pair.Hub.Refuse = signed => signed.Statement is Referral ? (422, """{"type":"urn:referralhub:refusal:consent-refused","reasons":["no-agreement"]}""") : null;
        Assert.Equal(Refusal.HubRefused, await RefusedAsync(pair.Police, old));
        await pair.Police.SyncAsync();
        Assert.Equal(2, await CopiesAsync(pair.Police, old));

        pair.Hub.Refuse = _ => null;
        pair.Clock.Ahead = TimeSpan.FromSeconds(5);
        await ResendAsync(pair.Police, old);
        await pair.Police.SyncAsync();
        Assert.Equal(0, await CopiesAsync(pair.Police, old));
    }

    [Fact]
    public async Task The_copy_of_what_was_declined_is_erased_when_the_referral_would_have_expired()
    {
        await using var pair = await TestPair.StartAsync();
        var (old, _) = await DeclinedAsync(pair);

        pair.Clock.Ahead = TimeSpan.FromDays(15);
        await pair.Police.SyncAsync();

        Assert.Equal(0, await CopiesAsync(pair.Police, old));
        Assert.Equal(Refusal.NotHeld, await RefusedAsync(pair.Police, old));
    }

    private static async Task<(Guid Referral, byte[] Attachment)> SendWithAttachmentAsync(TestPair pair)
    {
        await pair.AgreeAsync();
        var attachment = RandomNumberGenerator.GetBytes(100_000);
        var request = pair.Request(
            await pair.ConsentAsync(), """{"identity":{"name":"SYNTHETIC Sara"}}""", new AttachedFile("form.pdf", "form.pdf", "application/pdf", Category.Documents, attachment.Length));
        return ((await pair.Police.SendAsync(request, attachment)).Referral, attachment);
    }

    private static async Task<(Guid Referral, byte[] Attachment)> DeclinedAsync(TestPair pair)
    {
        var sent = await SendWithAttachmentAsync(pair);
        await DeclineAsync(pair, sent.Referral);
        return sent;
    }

    private static async Task DeclineAsync(TestPair pair, Guid id)
    {
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        await pair.Shelter.With(db => Decline.Handle(id, new(pair.Shelter.Worker, DeclineReason.NoCapacity), db, pair.Shelter.Use<Acts>(), pair.Shelter.Use<FollowDirectory>(), Ct));
        await pair.Police.SyncAsync();
    }

    private static async Task<TestGateway> JoinedAsync(TestPair pair)
    {
        var ngo = new TestGateway(pair.Hub, "ngo", AgencyKind.Ngo, pair.Clock);
        ngo.Enrol();
        await pair.JoinAsync(ngo);
        await pair.Police.SyncAsync();
        await pair.AgreeAsync(ngo);
        return ngo;
    }

    private static Task<SendReferral.Sent> ResendAsync(TestGateway from, Guid id, AgencyId? to = null, Guid? consent = null) => from.With(db => Resend.Handle(
        id, new(from.Worker, to, consent), db, from.Own, from.Use<Exclusions>(), from.Use<Outbox>(), from.Use<Dispatch>(), from.Use<FollowDirectory>(), from.Use<Copies>(), from.Use<TimeProvider>(), Ct));

    private static async Task<Refusal> RefusedAsync(TestGateway from, Guid id, AgencyId? to = null, Guid? consent = null) =>
        (await Assert.ThrowsAsync<RefusedException>(() => ResendAsync(from, id, to, consent))).Refusal;

    private static Task<KeptReferral> ReferralAsync(TestGateway gateway, Guid id) => gateway.With(db => db.Referrals.AsNoTracking().SingleAsync(r => r.Id == id, Ct));

    private static async Task<Referral> StatementAsync(TestGateway gateway, Guid id)
    {
        var statement = (await ReferralAsync(gateway, id)).Statement;
        return (Referral)(await gateway.With(db => db.Statements.AsNoTracking().SingleAsync(s => s.Id == statement, Ct))).Read().Statement;
    }

    private static async Task<byte[]> ReadCopyAsync(TestGateway gateway, Guid id)
    {
        var copy = await gateway.With(db => db.Copies.AsNoTracking().SingleAsync(c => c.Referral == id && c.Part == Part.Record, Ct));
        var (file, opened) = await gateway.With(async db => await gateway.Use<Copies>().OpenAsync(db, await ReferralAsync(gateway, id), copy, Ct));
        await using (file)
        using (opened) return opened.Read("attachments/0001", 1 << 20);
    }

    private static Task<int> CopiesAsync(TestGateway gateway, Guid id) => gateway.With(db => db.Copies.CountAsync(c => c.Referral == id, Ct));

    private static async Task<byte[]> ReadAttachmentAsync(TestGateway gateway, Guid id)
    {
        var kept = await gateway.With(db => db.Parts.AsNoTracking().SingleAsync(p => p.Referral == id && p.Part == Part.Record, Ct));
        Assert.True(kept.Held);
        await using var file = gateway.Use<PartFiles>().Open(kept.Sha256);
        var expected = await gateway.With(async db => await gateway.Use<Envelopes>().ExpectAsync(db, await ReferralAsync(gateway, id), kept, Ct));
        Assert.True(gateway.Use<Envelopes>().TryOpen(file, expected, out var opened, out _));
        using (opened) return opened.Read("attachments/0001", 1 << 20);
    }
}
