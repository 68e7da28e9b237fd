using System.Text;
using Microsoft.AspNetCore.Http;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Every way in which the gateway says no to its own people, but those that other tests are about.</summary>
public sealed class RefusalTests
{
    private const string Identity = """{"identity":{"name":"SYNTHETIC Sara"}}""";
    private const string Passphrase = "SYNTHETIC passphrase";

    private static readonly Handle Nobody = Handle.Parse("nobody");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_done_about_a_referral_that_is_not_here()
    {
        await using var pair = await TestPair.StartAsync();
        var (shelter, id) = (pair.Shelter, Guid.CreateVersion7(pair.Clock.GetUtcNow()));

        await Refused(Refusal.NotFound, () => shelter.AcknowledgeAsync(id));
        await Refused(Refusal.NotFound, () => shelter.AcceptAsync(id));
        await Refused(Refusal.NotFound, () => shelter.CompleteAsync(id, "note"));
        await Refused(Refusal.NotFound, () => shelter.CloseAsync(id));
        await Refused(Refusal.NotFound, () => shelter.ShowAsync(id));
        await Refused(Refusal.NotFound, () => shelter.With(db => ReadSummary.Handle(id, new(shelter.Worker), db, shelter.Use<Looks>(), Ct)));
        await Refused(Refusal.NotFound, () => shelter.With(db =>
            AcceptAgreement.Handle(id, db, shelter.Own, shelter.Use<Outbox>(), shelter.Use<Dispatch>(), Ct)));
    }

    [Fact]
    public async Task Nobody_acts_by_a_handle_that_is_nobodys()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        var request = pair.Request(await pair.ConsentAsync(), Identity) with { By = Nobody };

        await Refused(Refusal.UnknownPerson, () => pair.Police.SendAsync(request));
        await Refused(Refusal.UnknownPerson, () => pair.Shelter.AcknowledgeAsync(id, Nobody));
        await Refused(Refusal.UnknownPerson, () => pair.Shelter.With(db => ReadSummary.Handle(id, new(Nobody), db, pair.Shelter.Use<Looks>(), Ct)));
    }

    [Fact]
    public async Task Nothing_is_addressed_to_an_agency_that_the_directory_does_not_have()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), Identity);

        await Refused(Refusal.UnknownAgency, () => pair.Police.SendAsync(request with { To = AgencyId.Parse("elsewhere") }));
    }

    [Fact]
    public async Task Nothing_is_sealed_before_a_registrar_has_signed()
    {
        await using var pair = await TestPair.StartAsync();
        await using var stranger = new TestGateway(pair.Hub, "harbour", AgencyKind.Ngo, pair.Clock);
        await pair.JoinAsync(stranger);
        var request = pair.Request(await pair.ConsentAsync(), Identity) with { By = stranger.Worker };

        await Refused(Refusal.NotEnrolled, () => stranger.SendAsync(request));
    }

    [Fact]
    public async Task A_request_that_is_not_of_its_form_or_too_large_is_refused()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), Identity);
        SendReferral.Request With(Func<ReferralFile, ReferralFile> change) => request with { File = change(request.File) };
        var now = pair.Clock.GetUtcNow();
        var picture = new AttachedFile("a.jpg", "a.jpg", "image/jpeg", Category.Documents, Limits.AttachmentBytes + 1);

        await Refused(Refusal.Malformed, () => pair.Police.SendAsync(With(f => f with { Expires = now.AddSeconds(-1) })));
        await Refused(Refusal.Malformed, () => pair.Police.SendAsync(With(f => f with { Expires = now.AddDays(31) })));
        await Refused(Refusal.Malformed, () => pair.Police.SendAsync(With(f => f with { Attachments = [picture with { Category = Category.Health }] })));
        await Refused(Refusal.TooLarge, () => pair.Police.SendAsync(With(f => f with { Disclose = [Category.Identity, Category.Documents], Attachments = [picture] })));
        await Refused(Refusal.NotFound, () => pair.Police.SendAsync(request with { Consent = Guid.CreateVersion7(now) }));
        await Refused(Refusal.Malformed, () => pair.Police.HireAsync(" "));
        await Refused(Refusal.Malformed, () => pair.ConsentAsync(subject: " "));
    }

    [Fact]
    public async Task A_part_that_somebody_changed_on_our_disk_does_not_open()
    {
        await using var pair = await TestPair.StartAsync();
        var id = await pair.SendAsync();
        await pair.Shelter.SyncAsync();
        var summary = (await pair.Shelter.ShowAsync(id)).Parts.Single(p => p.Part == Part.Summary);
        var file = pair.Shelter.Folder.Part(summary.Sha256);
        var bytes = await File.ReadAllBytesAsync(file, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Ct);

        await Refused(Refusal.EnvelopeRefused, () => pair.Shelter.With(db => ReadSummary.Handle(id, new(pair.Shelter.Worker), db, pair.Shelter.Use<Looks>(), Ct)));
    }

    [Fact]
    public async Task Nothing_is_exported_or_recorded_with_another_passphrase()
    {
        await using var pair = await TestPair.StartAsync();
        var (shelter, id) = await HoldingAsync(pair);

        await Refused(Refusal.WrongPassphrase, () => ExportEnvelopeAsync(shelter, id, new MemoryStream(), "another"));
        await Refused(Refusal.WrongPassphrase, () => ExportKeysAsync(shelter, new MemoryStream(), "another"));

        Assert.DoesNotContain((await shelter.ShowAsync(id)).Timeline, told => told.Kind == StatementKind.Access);
    }

    [Fact]
    public async Task An_export_is_recorded_before_its_first_byte_goes_out()
    {
        await using var pair = await TestPair.StartAsync();
        var (shelter, id) = await HoldingAsync(pair);

        await Assert.ThrowsAsync<IOException>(() => ExportEnvelopeAsync(shelter, id, new Torn(), Passphrase));
        await Assert.ThrowsAsync<IOException>(() => ExportKeysAsync(shelter, new Torn(), Passphrase));

        Assert.Equal(2, (await shelter.ShowAsync(id)).Timeline.Count(told => told.Act == "exported"));
    }

    [Fact]
    public async Task An_envelope_is_exported_as_it_came_and_the_keys_as_an_age_file()
    {
        await using var pair = await TestPair.StartAsync();
        var (shelter, id) = await HoldingAsync(pair);
        var (envelope, keys) = (new MemoryStream(), new MemoryStream());

        await ExportEnvelopeAsync(shelter, id, envelope, Passphrase);
        await ExportKeysAsync(shelter, keys, Passphrase);

        var summary = (await shelter.ShowAsync(id)).Parts.Single(p => p.Part == Part.Summary);
        Assert.Equal(await File.ReadAllBytesAsync(shelter.Folder.Part(summary.Sha256), Ct), envelope.ToArray());
        Assert.StartsWith("age-encryption.org/v1\n-> scrypt ", Encoding.ASCII.GetString(keys.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_letters_the_one_is_exported_that_is_meant()
    {
        await using var pair = await TestPair.StartAsync();
        var (police, shelter, id) = (pair.Police, pair.Shelter, await pair.SendAsync());
        await police.SaveKeysAsync(Passphrase);
        await shelter.SyncAsync();
        await shelter.AcknowledgeAsync(id);
        await shelter.AcceptAsync(id);
        await shelter.WriteAsync(HandoffAct.InterimNote, id, "first");
        await shelter.CompleteAsync(id, "second");
        await police.SyncAsync();
        using MemoryStream one = new(), two = new();

        foreach (var number in (int?[])[null, 0, 3]) await Refused(Refusal.Malformed, () => ExportEnvelopeAsync(police, id, Stream.Null, Passphrase, Part.Note, number));
        await Refused(Refusal.NotFound, () => ExportEnvelopeAsync(police, id, Stream.Null, Passphrase, Part.Answer));
        await ExportEnvelopeAsync(police, id, one, Passphrase, Part.Note, 1);
        await ExportEnvelopeAsync(police, id, two, Passphrase, Part.Note, 2);

        var parts = await police.With(db => ReadLetters.InOrderAsync(db, id, Ct));
        Assert.Equal(await File.ReadAllBytesAsync(police.Folder.Part(parts[^2]), Ct), one.ToArray());
        Assert.Equal(await File.ReadAllBytesAsync(police.Folder.Part(parts[^1]), Ct), two.ToArray());
    }

    private static async Task<(TestGateway Shelter, Guid Id)> HoldingAsync(TestPair pair)
    {
        var id = await pair.SendAsync();
        await pair.Shelter.SaveKeysAsync(Passphrase);
        await pair.Shelter.SyncAsync();
        return (pair.Shelter, id);
    }

    private static Task<bool> ExportEnvelopeAsync(
        TestGateway gateway, Guid id, Stream body, string passphrase, Part part = Part.Summary, int? number = null) => gateway.With(async db =>
    {
        var http = new DefaultHttpContext { Response = { Body = body } };
        var request = new ExportEnvelope.Request(gateway.Worker, part, Encoding.UTF8.GetBytes(passphrase), number);
        await ExportEnvelope.Handle(
            id, request, http.Response, db, gateway.Folder, gateway.Own, gateway.Use<Exclusions>(), gateway.Use<Looks>(), gateway.Use<PartFiles>(), Ct);
        return true;
    });

    private static Task<bool> ExportKeysAsync(TestGateway gateway, Stream body, string passphrase) => gateway.With(async db =>
    {
        var http = new DefaultHttpContext { Response = { Body = body } };
        var request = new ExportKeys.Request(gateway.Worker, Encoding.UTF8.GetBytes(passphrase), "SYNTHETIC export"u8.ToArray());
        await ExportKeys.Handle(request, http.Response, db, gateway.Folder, gateway.Own, gateway.Use<Outbox>(), gateway.Use<TimeProvider>(), Ct);
        return true;
    });

    private static async Task Refused(Refusal expected, Func<Task> act) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<RefusedException>(act)).Refusal);

    /// <summary>A way out that breaks at the first byte.</summary>
    private sealed class Torn : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("torn");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("torn");

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => throw new IOException("torn");
    }
}
