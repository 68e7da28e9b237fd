using ReferralHub.Client;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.SystemTests.Embedded;

[Trait("group", "embedded")]
[Collection(nameof(SharedPair))]
public sealed class IdempotencyTests(SharedPair shared)
{
    private const int Rounds = 20;
    private const int AtOnce = 8;

    [Fact]
    public async Task Eight_identical_submits_at_once_have_one_effect_and_eight_good_answers_in_each_of_twenty_rounds()
    {
        var ct = TestContext.Current.CancellationToken;
        var pair = await shared.Meet(ct);
        var end = await pair.FeedEnd(ct);
        var submitted = new List<Guid>();
        for (var round = 0; round < Rounds; round++)
        {
            var referral = await pair.Prepare(ct);

            // PostAsync throws unless the answer is 2xx and a receipt for this statement.
            var receipts = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => pair.Sender.Hub.PostAsync(referral, ct)));

            Assert.Single(receipts.Select(receipt => receipt.Jws.Token).Distinct());
            submitted.Add(referral.Statement.About!.Value);
        }

        // The hub answers once a referral is committed; the feed has it a little later. What were there twice would come last.
        var fed = new List<FeedItem>();
        while (fed.Count < Rounds) fed.AddRange(await Next(TimeSpan.FromSeconds(20)));
        fed.AddRange(await Next(TimeSpan.FromSeconds(2)));
        Assert.Equal(submitted, fed.Select(item => item.Statements[0].Statement).OfType<Referral>().Select(referral => referral.ReferralId));
        Assert.Equal(Enumerable.Range(1, fed.Count).Select(n => end + n), fed.Select(item => item.Position));
        Assert.Empty(HubLogFile.Troubles(pair.Hub));

        Task<IReadOnlyList<FeedItem>> Next(TimeSpan wait) => pair.Recipient.Hub.GetFeedAsync(end + fed.Count, wait, ct);
    }
}
