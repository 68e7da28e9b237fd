using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>Revocations, holds and erasures in a bundle: the genuine ones hold, and a hub that let a false one pass is found out.</summary>
public sealed class CustodyEvidenceTests : IDisposable
{
    private readonly Story _story = new();

    public CustodyEvidenceTests()
    {
        _story.Send();
        _story.Act(_story.Request(Story.Shelter, Part.Summary, null));
        _story.Act(_story.Acknowledgement(HandoffAct.Delivered));
    }

    public static TheoryData<string> Lies => ["revoked by the recipient", "noticed by the sender", "kept although not revoked", "held by one person", "approved by the first", "approved afterwards", "erased under a hold", "erased twice", "looked at after erasing"];

    [Fact]
    public void What_holds_is_believed()
    {
        _story.Act(_story.Notice(Story.Shelter));
        _story.Act(_story.Revocation(Story.Police));
        Hold("wrk0003");
        _story.Act(_story.Erasure(ErasureAct.Kept, KeepGround.LegalHold));
        Hold("wrk0003", HoldAct.Released);
        _story.Act(_story.Erasure(ErasureAct.Erased));

        Assert.Null(_story.Check().Finding);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void What_its_signer_could_not_say_then_is_a_finding(string lie)
    {
        switch (lie)
        {
            case "revoked by the recipient": _story.Act(_story.Revocation(Story.Shelter)); break;
            case "noticed by the sender": _story.Act(_story.Notice(Story.Police)); break;
            case "kept although not revoked": _story.Act(_story.Erasure(ErasureAct.Kept, KeepGround.CourtRuling)); break;
            case "held by one person": _story.Act(_story.Hold(HoldAct.Placed)); break;
            case "approved by the first": Hold("wrk0002"); break;
            case "approved afterwards":
                var hold = _story.Act(_story.Hold(HoldAct.Placed))!;
                _story.Act(_story.Approval(hold.Id, "wrk0003"));
                break;
            case "erased under a hold":
                Hold("wrk0003");
                _story.Act(_story.Erasure(ErasureAct.Erased));
                break;
            case "erased twice":
                _story.Act(_story.Erasure(ErasureAct.Erased));
                _story.Act(_story.Erasure(ErasureAct.Erased));
                break;
            case "looked at after erasing":
                _story.Act(_story.Erasure(ErasureAct.Erased));
                _story.Act(_story.Access(Story.Shelter, Part.Summary, AccessAct.Opened));
                break;
        }

        Assert.Equal(EvidenceFault.Custody, _story.Check().Finding?.Fault);
    }

    public void Dispose() => _story.Dispose();

    private void Hold(string second, HoldAct act = HoldAct.Placed)
    {
        var hold = _story.Hold(act);
        // The same bytes give the same id: the approval names what is said next.
        _story.Act(_story.Approval(SignedStatement.Sign(_story.Key(Story.Shelter + " signing"), hold).Id, second));
        _story.Act(hold);
    }
}
