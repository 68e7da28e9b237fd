using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Tests.Gateway;

/// <summary>The sender keeps a copy that it can open, as long as somebody may need it and no longer.</summary>
public sealed class CopyTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_sent_can_be_opened_by_its_sender_member_for_member()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var attachment = RandomNumberGenerator.GetBytes(200_000);
        var request = pair.Request(
            await pair.ConsentAsync(), Identity, new AttachedFile("form.pdf", "form.pdf", "application/pdf", Category.Documents, attachment.Length));
        var sent = await pair.Police.SendAsync(request, attachment);

        var record = Assert.Single(await CopiesAsync(pair.Police), c => c.Part == Part.Record);
        await using var file = pair.Police.Use<PartFiles>().Open(record.Sha256);
        var own = pair.Police.Own;
        Assert.True(Envelope.TryOpen(
            file,
            [own.Keys.Storage],
            new EnvelopeExpectation
            {
                File = new SealedPart(Part.Record, record.Sha256, record.Size),
                Sender = own.Id,
                SenderKey = own.Keys.Signing.VerifyingKey,
                Recipient = pair.Shelter.Id,
                Referral = sent.Referral,
                Categories = [ClearCategory.Identity, ClearCategory.Documents],
            },
            out var opened,
            out _));
        using (opened) Assert.Equal(attachment, opened.Read(EnvelopeLayout.AttachmentPath(1), 1 << 20));
    }

    [Fact]
    public async Task Copies_survive_a_restart_and_are_erased_once_the_recipient_accepted()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        await pair.Police.SyncAsync();
        await pair.Police.With(async db =>
        {
            await pair.Police.Use<PartFiles>().SweepAsync(db, Ct);
            return true;
        });
        var copies = await CopiesAsync(pair.Police);
        Assert.Equal([Part.Summary, Part.Record], copies.Select(c => c.Part).Order());
        Assert.All(copies, c => Assert.True(File.Exists(pair.Police.Folder.Part(c.Sha256))));

        await pair.Shelter.AcceptAsync(id);
        await pair.Police.SyncAsync();

        Assert.Empty(await CopiesAsync(pair.Police));
        Assert.All(copies, c => Assert.False(File.Exists(pair.Police.Folder.Part(c.Sha256))));
    }

    [Fact]
    public async Task What_the_sender_holds_it_keeps_also_after_the_acceptance()
    {
        await using var pair = await TestPair.StartAsync();
        var police = pair.Police;
        var first = await police.HireAsync("Ada Berg", "ada's own secret", lead: true);
        var second = await police.HireAsync("Ben Lind", "ben's own secret");
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(id);
        await police.SyncAsync();
        await police.ApproveAsync((await police.HoldAsync(id, HoldAct.Placed, first, "ada's own secret")).Draft, second, "ben's own secret");
        await pair.Shelter.AcceptAsync(id);
        await police.SyncAsync();
        Assert.Equal(2, (await CopiesAsync(police)).Count);

        await police.ApproveAsync((await police.HoldAsync(id, HoldAct.Released, second, "ben's own secret")).Draft, first, "ada's own secret");
        await police.SyncAsync();
        Assert.Empty(await CopiesAsync(police));
    }

    [Fact]
    public async Task A_referral_that_the_hub_refused_leaves_no_copy()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        pair.Hub.Refuse = _ => (422, """{"type":"urn:referralhub:refusal:consent-refused","reasons":["no-agreement"]}""");
        await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(pair.Request(consent, Identity)));
        Assert.NotEmpty(await CopiesAsync(pair.Police));

        await pair.Police.SyncAsync();

        Assert.Empty(await CopiesAsync(pair.Police));
    }

    [Fact]
    public async Task A_file_that_no_row_names_is_swept()
    {
        await using var pair = await TestPair.StartAsync();
        var orphan = pair.Police.Folder.Part(Digest.Of("orphan"u8));
        await File.WriteAllBytesAsync(orphan, [1], Ct);

        await pair.Police.With(async db =>
        {
            await pair.Police.Use<PartFiles>().SweepAsync(db, Ct);
            return true;
        });

        Assert.False(File.Exists(orphan));
    }

    private static Task<List<KeptCopy>> CopiesAsync(TestGateway gateway) => gateway.With(db => db.Copies.AsNoTracking().ToListAsync(Ct));
}
