using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Consents;

public sealed class RecordAgreementTests
{
    [Fact]
    public async Task A_proposal_alone_opens_no_route()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented(c => c with { Issuer = field.Ngo.Id, To = field.Shelter.Id });
        var referral = await FromNgo(field, consent);

        await field.Receipt(NgoToShelter(field));

        var problem = await field.Refused(Refusal.ConsentRefused, referral);
        Assert.Equal(["no-agreement", "policy-unknown"], (IEnumerable<string>)problem.ProblemDetails.Extensions["reasons"]!);
    }

    [Fact]
    public async Task Of_several_with_a_route_the_one_accepted_last_counts()
    {
        await using var field = await TestField.Start();
        var consent = await field.Consented(c => c with { Purposes = [Purpose.Protection, Purpose.Care] });
        var referral = (await field.NewReferral(consent)) with { Purpose = Purpose.Care };

        // It has this route too and allows less; a third one, of the other direction, changes nothing.
        await Accepted(field, field.NewAgreement() with { Purposes = [Purpose.Protection] });
        await Accepted(field, field.NewAgreement() with { Routes = [new Route(field.Shelter.Id, field.Police.Id)] });

        await field.Refused(Refusal.ConsentRefused, referral);
        Assert.Equal([RefusalReason.PurposeOutside], (await field.Events())[^1].Decision!.Reasons);

        await Accepted(field, field.NewAgreement());
        await field.Receipt(referral);
    }

    [Fact]
    public async Task Refuses_what_accepts_nothing_or_something_else()
    {
        await using var field = await TestField.Start();
        var proposal = field.Police.Sign(await field.Heads(field.NewAgreement()));
        var agreement = (Agreement)proposal.Statement;

        await field.Refused(Refusal.NothingToAccept, field.Accepting(agreement, proposal.Id));
        await field.Post(proposal);
        await field.Refused(Refusal.TermsDiffer, field.Accepting(agreement, Digest.Of("another"u8)));
        await field.Refused(Refusal.TermsDiffer, field.Accepting(agreement, proposal.Id) with { EraseAfterDays = 91 });
    }

    [Fact]
    public async Task Refuses_a_second_proposal_under_an_id_and_an_acceptance_by_somebody_else()
    {
        await using var field = await TestField.Start();
        var proposal = field.Police.Sign(await field.Heads(field.NewAgreement()));
        var agreement = (Agreement)proposal.Statement;
        await field.Post(proposal);

        await field.Refused(Refusal.IdTaken, agreement with { EraseAfterDays = 91 });
        await field.Refused(Refusal.IdTaken, agreement with
        {
            Issuer = field.Ngo.Id,
            To = field.Police.Id,
            Routes = [new Route(field.Ngo.Id, field.Police.Id)],
            Accepts = proposal.Id,
        });
    }

    [Fact]
    public async Task Refuses_to_accept_twice()
    {
        await using var field = await TestField.Start();
        var proposal = field.Police.Sign(await field.Heads(field.NewAgreement()));
        await field.Post(proposal);
        var acceptance = field.Accepting((Agreement)proposal.Statement, proposal.Id);
        await field.Receipt(acceptance);

        await field.Refused(Refusal.AcceptedBefore, acceptance with { IssuedAt = field.In(TimeSpan.FromSeconds(-1)) });
    }

    [Fact]
    public async Task Its_event_names_no_referral()
    {
        await using var field = await TestField.Start();

        var recorded = (await field.Events()).Where(e => e.Kind == StatementKind.Agreement).ToList();

        Assert.Equal(2, recorded.Count);
        Assert.All(recorded, e => Assert.Equal((AuditEventCode.StatementRecorded, null, null), (e.Event, e.Referral, e.State)));
    }

    private static async Task Accepted(TestField field, Agreement agreement)
    {
        var proposal = field.Police.Sign(await field.Heads(agreement));
        await field.Post(proposal);
        await field.Receipt(field.Accepting(agreement, proposal.Id));
    }

    private static Agreement NgoToShelter(TestField field) =>
        field.NewAgreement() with { Issuer = field.Ngo.Id, Routes = [new Route(field.Ngo.Id, field.Shelter.Id)] };

    private static async Task<Referral> FromNgo(TestField field, Consent consent) =>
        (await field.NewReferral(consent)) with
        {
            Parts = [await field.Upload(Part.Summary, field.Ngo), await field.Upload(Part.Record, field.Ngo)],
        };
}
