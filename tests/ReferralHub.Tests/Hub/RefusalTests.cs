using ReferralHub.Hub;

namespace ReferralHub.Tests.Hub;

public sealed class RefusalTests
{
    [Fact]
    public void Every_refusal_is_an_error_whose_one_sentence_says_what_to_do() =>
        Assert.All(Enum.GetValues<Refusal>(), refusal =>
        {
            var (status, text) = refusal.Describe();
            Assert.InRange(status, 400, 599);
            Assert.Matches(@"^[A-Z][^.]*(\.md[^.]*)*\.$", text);
        });

    [Fact]
    public void The_problem_type_is_the_kebab_case_name() =>
        Assert.Equal("urn:referralhub:refusal:not-logged-yet", Refusal.NotLoggedYet.ToProblem().ProblemDetails.Type);

    [Fact]
    public void A_refusal_carries_what_its_text_cannot_say() =>
        Assert.Equal("sent", Refusal.NotFound.ToProblem(KeyValuePair.Create<string, object?>("state", "sent")).ProblemDetails.Extensions["state"]);
}
