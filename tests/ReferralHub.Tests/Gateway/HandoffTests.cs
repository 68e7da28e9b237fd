using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>One referral from a police unit to a shelter and back, with everything real but the hub.</summary>
public sealed class HandoffTests
{
    private const string Written =
        """{"identity":{"name":"SYNTHETIC Sara سارة","age":14},"safe-contact":{"method":"through-duty-desk"},"health":{"allergies":"SYNTHETIC"}}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_referral_goes_there_and_back_and_both_sides_hold_the_proof_of_every_step()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var consent = await pair.ConsentAsync();
        var attachment = RandomNumberGenerator.GetBytes(300_000);
        var request = pair.Request(consent, Written, new AttachedFile("form.pdf", "hand-over سارة.pdf", "application/pdf", Category.Documents, attachment.Length));

        var sent = await pair.Police.SendAsync(request, attachment);
        Assert.Equal(Fate.Effective, sent.Fate);
        Assert.Contains("identity.name", sent.Disclosed);

        await pair.Shelter.SyncAsync();
        var id = sent.Referral;
        var (police, shelter) = (pair.Police, pair.Shelter);
        Assert.Equal(HandoffState.Delivered, (await shelter.ShowAsync(id)).State);
        var summary = await shelter.With(db => ReadSummary.Handle(id, new(shelter.Worker), db, shelter.Use<Looks>(), Ct));
        Assert.Equal((AgeBand.From13To15, "Arabic"), (summary.Summary.AgeBand, summary.Consent!.Language));
        var early = await Assert.ThrowsAsync<RefusedException>(() =>
            shelter.With(db => OpenRecord.Handle(id, new(shelter.Worker), db, shelter.Use<Looks>(), pair.Clock, Ct)));
        Assert.Equal(Refusal.NotHeld, early.Refusal);

        await shelter.AcknowledgeAsync(id);
        Assert.Equal(shelter.Id, (await shelter.AcceptAsync(id)).Responsible);
        var record = await shelter.With(db => OpenRecord.Handle(id, new(shelter.Worker), db, shelter.Use<Looks>(), pair.Clock, Ct));
        Assert.Equal("SYNTHETIC Sara سارة", record.Form["identity"].GetProperty("name").GetString());
        Assert.Equal((1, "hand-over سارة.pdf", 300_000L), (record.Attachments[0].Number, record.Attachments[0].Name, record.Attachments[0].Size));
        Assert.Equal(attachment, await AttachmentAsync(shelter, id));

        Assert.Equal(police.Id, (await shelter.CompleteAsync(id, "settled in سلام")).Responsible);
        await police.SyncAsync();
        var closed = await police.CloseAsync(id);
        Assert.Equal((HandoffState.LoopClosed, "settled in سلام", (AgencyId?)null), (closed.State, closed.Note, closed.Responsible));

        await shelter.SyncAsync();
        await police.SyncAsync();
        foreach (var side in new[] { police, shelter })
        {
            var shown = await side.ShowAsync(id);
            Assert.Equal(HandoffState.LoopClosed, shown.State);
            Assert.All(shown.Timeline, told => Assert.NotNull(told.LogIndex));
            Assert.Equal(
                ["delivered", "acknowledged", "accepted", "completed", "loop-closed"],
                shown.Timeline.Where(t => t.Kind is StatementKind.Acknowledgement or StatementKind.SenderAct).Select(t => t.Act));
            Assert.Empty(await side.AlarmsAsync());
        }
    }

    [Fact]
    public async Task Nothing_of_the_content_and_no_name_stands_in_a_data_folder_in_clear()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var sent = await pair.Police.SendAsync(pair.Request(await pair.ConsentAsync("SYNTHETIC-subject"), """{"identity":{"name":"SYNTHETIC-canary"}}"""));
        await pair.Shelter.SyncAsync();
        await pair.Shelter.AcknowledgeAsync(sent.Referral);
        await pair.Shelter.AcceptAsync(sent.Referral);
        await pair.Shelter.With(db => OpenRecord.Handle(sent.Referral, new(pair.Shelter.Worker), db, pair.Shelter.Use<Looks>(), pair.Clock, Ct));

        Assert.True(pair.Shelter.HoldsInClear(sent.Referral.ToString()), "the search must be able to find something");
        foreach (var side in new[] { pair.Police, pair.Shelter })
        {
            Assert.False(side.HoldsInClear("SYNTHETIC-canary"));
            Assert.False(side.HoldsInClear("SYNTHETIC-subject"));
            Assert.False(side.HoldsInClear("Sam Synthetic"));
        }
    }

    [Fact]
    public async Task Every_look_is_in_the_outbox_before_it_shows_anything()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        pair.Hub.IsDown = true;

        await pair.Shelter.With(db => ReadSummary.Handle(id, new(pair.Shelter.Worker), db, pair.Shelter.Use<Looks>(), Ct));

        var told = Assert.Single((await pair.Shelter.ShowAsync(id)).Timeline, t => t.Kind == StatementKind.Access);
        Assert.Equal(("opened", pair.Shelter.Worker, Fate.Waiting), (told.Act, told.Person, told.Fate));
    }

    [Fact]
    public async Task One_subject_has_one_code_towards_one_agency_and_the_hub_cannot_tell_two_subjects_apart_by_it()
    {
        await using var pair = await TestPair.StartAsync();

        var first = await pair.ConsentAsync("SYNTHETIC child 1");
        var again = await pair.ConsentAsync("SYNTHETIC child 1");
        var other = await pair.ConsentAsync("SYNTHETIC child 2");

        Assert.Equal(first.Case, again.Case);
        Assert.NotEqual(first.Case, other.Case);
    }

    private static async Task<byte[]> AttachmentAsync(TestGateway gateway, Guid id)
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await gateway.With(async db =>
        {
            await OpenRecord.SaveAsync(id, 1, new(gateway.Worker), http.Response, db, gateway.Use<Looks>(), Ct);
            return true;
        });
        return ((MemoryStream)http.Response.Body).ToArray();
    }
}
