using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Screening;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>Checklists that help to decide whether to refer. All people are SYNTHETIC.</summary>
public sealed partial class IndicatorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_kind_that_finds_children_has_a_short_checklist_in_both_languages()
    {
        await using var pair = await TestPair.StartAsync();

        var all = Checklist.All(pair.Police.Folder);

        Assert.Equal(["hospital", "police", "school", "shelter"], all.Keys.Order());
        Assert.All(all.Values.SelectMany(c => c.Questions), q => Assert.Matches(Arabic(), q.Ar));
        Assert.Equal(Refusal.NotFound, Assert.Throws<RefusedException>(() => AnswerIndicators.Ask("prosecutor", pair.Police.Folder)).Refusal);
        Assert.Equal(Refusal.NotFound, Assert.Throws<RefusedException>(() => AnswerIndicators.Ask("nobody", pair.Police.Folder)).Refusal);
    }

    [Fact]
    public async Task Answers_show_services_and_clocks_and_no_score()
    {
        await using var pair = await TestPair.StartAsync();

        var answered = await AnswerAsync(pair, "works-to-pay-a-debt", "afraid-to-go-back", "papers-kept-by-others");

        Assert.Equal(
            [(HelpService.Safehouse, Urgency.Emergency), (HelpService.Legal, Urgency.Urgent), (HelpService.ChildProtection, Urgency.Urgent), (HelpService.Documentation, Urgency.Standard)],
            answered.Follows.Select(f => (f.Service, f.Urgency)));
        Assert.Equal(ClockTable.Default.Emergency.Acknowledge, answered.Follows[0].Acknowledge);
        Assert.Equal(["Follows", "Kept"], typeof(AnswerIndicators.Answered).GetProperties().Where(p => p.DeclaringType == typeof(AnswerIndicators.Answered) && p.Name != "EqualityContract").Select(p => p.Name).Order());
        Assert.Empty((await AnswerAsync(pair)).Follows);
    }

    [Fact]
    public async Task Answers_stay_here_under_our_own_seal()
    {
        await using var pair = await TestPair.StartAsync();

        await AnswerAsync(pair, "afraid-to-go-back");

        Assert.False(pair.Police.HoldsInClear("SYNTHETIC-subject"));
        Assert.False(pair.Police.HoldsInClear("afraid-to-go-back"));
        var kept = await pair.Police.With(db => Task.FromResult(db.Answers.Single()));
        Assert.Contains("afraid-to-go-back", SelfSealed.OpenText(pair.Police.Own.Keys, kept.SealedAnswers), StringComparison.Ordinal);
        Assert.Empty(pair.Hub.Posts);
    }

    [Fact]
    public async Task An_agency_may_have_its_own_checklist_and_a_broken_one_is_refused()
    {
        await using var pair = await TestPair.StartAsync();
        var own = Path.Combine(pair.Police.Folder.Root, "indicators.json");
        await File.WriteAllTextAsync(own, """{"police":{"version":7,"questions":[{"code":"a","en":"b","ar":"ج","services":["legal"],"urgency":"planned"}]}}""", Ct);
        Assert.Equal(7, AnswerIndicators.Ask("police", pair.Police.Folder).Version);

        await File.WriteAllTextAsync(own, """{"police":{"version":7,"questions":[]}}""", Ct);
        Assert.Equal(Refusal.Malformed, Assert.Throws<RefusedException>(() => AnswerIndicators.Ask("police", pair.Police.Folder)).Refusal);
    }

    [Fact]
    public async Task A_question_that_nobody_asked_has_no_answer()
    {
        await using var pair = await TestPair.StartAsync();

        Assert.Equal(Refusal.Malformed, (await Assert.ThrowsAsync<RefusedException>(() => AnswerAsync(pair, "no-such-question"))).Refusal);
    }

    [Fact]
    public async Task The_answer_reaches_the_command_that_asked()
    {
        await using var pair = await TestPair.StartAsync();
        var endpoint = pair.Police.Endpoints.Single(e => e.RoutePattern.RawText == "/indicators/{kind}" && e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST"));
        var asked = JsonSerializer.SerializeToUtf8Bytes(new AnswerIndicators.Request("SYNTHETIC-subject", ["afraid-to-go-back"], pair.Police.Worker), LocalJson.Options);
        var http = new DefaultHttpContext
        {
            Request = { Method = "POST", ContentType = "application/json", ContentLength = asked.Length, Body = new MemoryStream(asked), RouteValues = { ["kind"] = "police" } },
            Response = { Body = new MemoryStream() },
        };

        http.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());

        await pair.Police.AnswerAsync(endpoint, http);

        var answered = JsonSerializer.Deserialize<AnswerIndicators.Answered>(((MemoryStream)http.Response.Body).ToArray(), LocalJson.Options);
        Assert.Equal((StatusCodes.Status200OK, ClockTable.Default.Emergency.Acknowledge), (http.Response.StatusCode, answered!.Follows[0].Acknowledge));
    }

    private static Task<AnswerIndicators.Answered> AnswerAsync(TestPair pair, params string[] yes) => pair.Police.With(db => AnswerIndicators.Handle(
        "police", new("SYNTHETIC-subject", yes, pair.Police.Worker), db, pair.Police.Own, pair.Police.Folder, pair.Clock, Ct));

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }

    [GeneratedRegex("[\u0621-\u0652]{2,}")]
    private static partial Regex Arabic();
}
