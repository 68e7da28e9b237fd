using ReferralHub.Gateway;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>What of a form goes out, and what stays (docs/protocol.md §2.6). All people are SYNTHETIC.</summary>
public sealed class DisclosureTests
{
    private const string Whole =
        """
        {"identity":{"name":"SYNTHETIC Sara","age":14,"language":"ar"},"safe-contact":{"method":"call","codeWord":"SYNTHETIC word"},
        "health":{"allergies":"SYNTHETIC"},"immigration-status":{"aggravations":["undocumented"]},
        "concern":{"risk":"medium","reason":"SYNTHETIC reason","servicesRequested":["safehouse"]}}
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_not_disclosed_is_not_sealed_and_the_summary_follows_from_it_all_the_same()
    {
        await using var pair = await TestPair.StartAsync();
        var request = await RequestAsync(pair, Category.SafeContact);

        var draft = await CheckAsync(pair, request);
        Assert.Equal(
            ["identity.name", "identity.age", "identity.language", "concern.risk", "concern.reason", "concern.servicesRequested.1", "health.allergies", "immigration-status.aggravations.1"],
            draft.Content.Withheld);

        var (summary, record) = await ReadAsync(pair, await pair.Police.SendAsync(request));
        Assert.Equal((AgeBand.From13To15, Risk.Medium, Language.Ar), (summary.AgeBand, summary.Risk, summary.Language));
        Assert.Equal([SafeContactWarning.NoVoicemail, SafeContactWarning.NoTextMessage, SafeContactWarning.CodeWord, SafeContactWarning.NotConfirmed], summary.SafeContactFlags);
        Assert.Equal(["safe-contact"], record.Form.Keys);
        Assert.Empty(record.Unknown);
    }

    [Fact]
    public async Task The_preview_is_exactly_what_the_recipient_reads()
    {
        await using var pair = await TestPair.StartAsync();
        var request = await RequestAsync(pair, Category.Identity, Category.SafeContact, Category.Health);
        var shown = (await CheckAsync(pair, request)).Fields;

        var (summary, record) = await ReadAsync(pair, await pair.Police.SendAsync(request));

        Assert.True(Form.TryRead(SealedJson.Write(record.Form), out var form));
        Assert.Equal(shown, Disclosure.Fields(summary, form));
        // Nothing of what is in it is left out of both.
        Assert.Equal(form.Categories.Order(), shown.Where(field => field.Part == Part.Record).Select(field => field.Category).Distinct().Order());
    }

    [Fact]
    public async Task The_immigration_status_goes_only_where_the_sender_names_it()
    {
        await using var pair = await TestPair.StartAsync();
        var request = await RequestAsync(pair);
        var file = request.File with { Disclose = null };

        Assert.False(file.Discloses(Category.ImmigrationStatus));
        Assert.True(file.Discloses(Category.Health));
        var outside = await Assert.ThrowsAsync<RefusedException>(() => CheckAsync(pair, request with { File = file }));
        Assert.Equal(
            (Refusal.ContentOutsideConsent, "concern.risk concern.reason concern.servicesRequested.1"), (outside.Refusal, string.Join(' ', outside.Reasons)));

        var named = await Assert.ThrowsAsync<RefusedException>(() => CheckAsync(pair, request with { File = request.File with { Disclose = [Category.ImmigrationStatus] } }));
        Assert.Equal((Refusal.ContentOutsideConsent, "immigration-status.aggravations.1"), (named.Refusal, string.Join(' ', named.Reasons)));
    }

    [Fact]
    public async Task A_form_that_breaks_the_schema_is_refused_by_its_fields_before_anything_is_sealed()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), """{"identity":{"gender":"x","nickname":"y"}}""");

        var e = await Assert.ThrowsAsync<RefusedException>(() => pair.Police.SendAsync(request));

        Assert.Equal((Refusal.FormInvalid, "identity.gender: no-such-code, identity.nickname: no-such-field"), (e.Refusal, string.Join(", ", e.Reasons)));
        Assert.Empty(System.IO.Directory.EnumerateFiles(pair.Police.Folder.Parts));
    }

    [Fact]
    public async Task Nothing_is_sent_when_nothing_would_be_left_and_no_file_that_is_not_disclosed()
    {
        await using var pair = await TestPair.StartAsync();
        var request = await RequestAsync(pair, Category.Legal);
        var photo = new AttachedFile("a.jpg", "a.jpg", "image/jpeg", Category.Photos, 1);
        var withPhoto = request.File with { Disclose = [Category.Identity], Attachments = [photo, photo with { Category = Category.Documents }] };

        Assert.Equal(Refusal.Malformed, (await Assert.ThrowsAsync<RefusedException>(() => CheckAsync(pair, request))).Refusal);
        Assert.Equal(Refusal.Malformed, (await Assert.ThrowsAsync<RefusedException>(() => CheckAsync(pair, request with { File = withPhoto }))).Refusal);
        Assert.Empty(withPhoto.WithoutWithheldFiles().Attachments!);
        Assert.Equal(["attachments.1", "attachments.2"], withPhoto.WithheldFiles());
        Assert.Equal(["attachments.1"], (withPhoto with { Disclose = [Category.Documents] }).WithheldFiles());
    }

    private static async Task<SendReferral.Request> RequestAsync(TestPair pair, params Category[] disclosed)
    {
        await pair.AgreeAsync();
        var request = pair.Request(await pair.ConsentAsync(), Whole);
        return request with { File = request.File with { Disclose = disclosed } };
    }

    private static Task<SendReferral.Draft> CheckAsync(TestPair pair, SendReferral.Request request) => pair.Police.With(db =>
        SendReferral.CheckAsync(request, Content.Of(request.File, pair.Clock.GetUtcNow()), db, pair.Police.Own, pair.Police.Use<Exclusions>(), pair.Police.Use<FollowDirectory>(), pair.Clock, Ct));

    private static async Task<(Summary Summary, OpenRecord.Opened Record)> ReadAsync(TestPair pair, SendReferral.Sent sent)
    {
        var (shelter, id) = (pair.Shelter, sent.Referral);
        await shelter.SyncAsync();
        await shelter.AcknowledgeAsync(id);
        await shelter.AcceptAsync(id);
        var summary = await shelter.With(db => ReadSummary.Handle(id, new(shelter.Worker), db, shelter.Use<Looks>(), Ct));
        return (summary.Summary, await shelter.With(db => OpenRecord.Handle(id, new(shelter.Worker), db, shelter.Use<Looks>(), pair.Clock, Ct)));
    }
}
