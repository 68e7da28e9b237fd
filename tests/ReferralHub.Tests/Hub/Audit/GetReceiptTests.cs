using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Hub.Audit;

public sealed class GetReceiptTests
{
    [Fact]
    public async Task Both_parties_can_prove_the_event_with_what_they_get()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff(HandoffState.Delivered);
        await field.Sequence();

        foreach (var party in new[] { field.Police, field.Shelter })
        {
            var receipt = Assert.IsType<Ok<Receipt>>(await Ask(field, handoff.After, party)).Value!;

            Assert.True(CanonicalBase64.Url.TryDecode(receipt.Event, out var bytes));
            Assert.True(AuditEvent.TryRead(bytes, out var happened));
            Assert.Equal(handoff.After, happened.Statement);
            var leaf = Commitment.Leaf(happened.CoarseType, Convert.FromHexString(receipt.Opening), bytes);
            Assert.True(TlogProof.TryParse(Encoding.UTF8.GetBytes(receipt.Proof), out var proof));
            Assert.True(proof.TryVerify(MerkleTree.LeafHash(leaf), field.Hub.Keys.AuditLog.Key, [field.Hub.Keys.Cosigner.Key], out _));
            Assert.Equal(receipt.Index, proof.Index);
        }
    }

    [Fact]
    public async Task It_is_nobody_elses_and_comes_only_once_the_log_has_it()
    {
        await using var field = await TestField.Start();
        var handoff = await field.Handoff();

        Assert.Equal(Refusal.NotLoggedYet.Urned(), Problem(await Ask(field, handoff.After, field.Police)));
        await field.Sequence();
        Assert.Equal(Refusal.NotFound.Urned(), Problem(await Ask(field, handoff.After, field.Ngo)));
        Assert.Equal(Refusal.NotFound.Urned(), Problem(await Ask(field, Digest.Of("never"u8), field.Police)));
    }

    private static Task<IResult> Ask(TestField field, Digest statement, TestAgency by) => field.Use(async db =>
        (await GetReceipt.Handle(statement.ToString(), by.Caller, db, field.Hub.Keys, TestContext.Current.CancellationToken)).Result);

    private static string? Problem(IResult answer) => Assert.IsType<ProblemHttpResult>(answer).ProblemDetails.Type;
}
