using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Identity;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Identity;

public sealed class JoinTests
{
    private static readonly AgencyId Police = AgencyId.Parse("police-north");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_a_client_certificate_of_the_hubs_ca_bound_to_the_agency_for_90_days()
    {
        await using var hub = await TestHub.Start();
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);

        var answer = Answer(await Join(hub, agency.Request(), await Invite(hub)));

        using var certificate = X509Certificate2.CreateFromPem(answer);
        Assert.Equal("CN=police-north", certificate.Subject);
        Assert.True(hub.Ca.Vouches(certificate, hub.Clock.Now.AddDays(89)));
        Assert.False(hub.Ca.Vouches(certificate, hub.Clock.Now.AddDays(91)));
        var digest = Digest.From(certificate.GetCertHash(HashAlgorithmName.SHA256));
        Assert.Equal(Police, (await hub.Use(db => db.Set<ClientCertificate>().SingleAsync(Ct))).Agency);
        Assert.Equal(digest, (await hub.Use(db => db.Set<ClientCertificate>().SingleAsync(Ct))).Sha256);
    }

    [Fact]
    public async Task Answers_the_same_request_with_the_same_certificate_even_when_the_token_has_expired_since()
    {
        await using var hub = await TestHub.Start();
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);
        var (request, token) = (agency.Request(), await Invite(hub));

        var first = Answer(await Join(hub, request, token));
        hub.Clock.Now += TimeSpan.FromDays(30);
        var second = Answer(await Join(hub, request, token));

        Assert.Equal(first, second);
        Assert.Equal(1, await hub.Use(db => db.Set<ClientCertificate>().CountAsync(Ct)));
    }

    [Fact]
    public async Task A_token_is_used_up_by_its_first_request()
    {
        await using var hub = await TestHub.Start();
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);
        using var other = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);
        var token = await Invite(hub);
        Answer(await Join(hub, agency.Request(), token));

        Refused(Refusal.InvitationUsed, await Join(hub, other.Request(), token));
    }

    [Fact]
    public async Task Of_requests_at_once_with_one_token_one_is_let_in()
    {
        await using var hub = await TestHub.Start();
        var token = await Invite(hub);
        var agencies = Enumerable.Range(0, 8).Select(_ => new TestAgency(Police, AgencyKind.Police, hub.Clock.Now)).ToList();

        var answers = await Task.WhenAll(agencies.Select(agency => Task.Run(() => Join(hub, agency.Request(), token), Ct)));

        Assert.Single(answers, answer => answer is Created<JoinAnswer>);
        Assert.Equal(1, await hub.Use(db => db.Set<Enrolment>().CountAsync(Ct)));
        agencies.ForEach(agency => agency.Dispose());
    }

    [Fact]
    public async Task An_expired_token_lets_nobody_in()
    {
        await using var hub = await TestHub.Start();
        var token = await Invite(hub);
        hub.Clock.Now += TimeSpan.FromHours(72);
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);

        Refused(Refusal.InvitationExpired, await Join(hub, agency.Request(), token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic dXNlcg==")]
    [InlineData("Bearer")]
    [InlineData("Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Without_a_known_token_nobody_is_let_in(string? authorization)
    {
        await using var hub = await TestHub.Start();
        await Invite(hub);
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);

        var answer = await hub.Use(db => ReferralHub.Hub.Identity.Join.Handle(agency.Request(), authorization, db, hub.Agencies, hub.Ca, Ct));

        Refused(Refusal.InvitationUnknown, answer.Result);
    }

    [Fact]
    public async Task Nobody_enrols_as_another_agency_or_another_kind_than_was_invited()
    {
        await using var hub = await TestHub.Start();
        using var other = new TestAgency(AgencyId.Parse("police-south"), AgencyKind.Police, hub.Clock.Now);
        using var kind = new TestAgency(Police, AgencyKind.Shelter, hub.Clock.Now);

        Refused(Refusal.EnrolmentInvalid, await Join(hub, other.Request(), await Invite(hub)));
        Refused(Refusal.EnrolmentInvalid, await Join(hub, kind.Request(), await Invite(hub)));
    }

    [Fact]
    public async Task An_enrolment_needs_both_its_own_signatures_and_bears_no_other()
    {
        await using var hub = await TestHub.Start();
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);
        var (one, request, token) = (agency.Enrolment.Signatures[0].Token + "\n", agency.Request(), await Invite(hub));
        var registrars = hub.SignedByRegistrars("agency-event+jws", agency.Enrolment.Payload.Span, [.. agency.Enrolment.Signatures]);

        Refused(Refusal.EnrolmentInvalid, await Join(hub, request with { Enrolment = one }, token));
        Refused(Refusal.EnrolmentInvalid, await Join(hub, request with { Enrolment = System.Text.Encoding.ASCII.GetString(registrars.ToArray()) }, token));
        Refused(Refusal.EnrolmentInvalid, await Join(hub, request with { Enrolment = "" }, token));
        Answer(await Join(hub, request, token)); // a refusal does not use the token up
    }

    [Fact]
    public async Task An_enrolment_from_the_future_is_refused()
    {
        await using var hub = await TestHub.Start();
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now.AddSeconds(61));

        Refused(Refusal.EnrolmentInvalid, await Join(hub, agency.Request(), await Invite(hub)));
    }

    [Fact]
    public async Task A_certificate_request_is_for_a_P256_key_and_signed_by_it()
    {
        await using var hub = await TestHub.Start();
        using var agency = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var (request, token) = (agency.Request(), await Invite(hub));
        var larger = new CertificateRequest("CN=x", p384, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var der = PemEncoding.Find(request.Csr);
        var broken = Convert.FromBase64String(request.Csr[der.Base64Data]);
        broken[^1] ^= 1;

        foreach (var csr in new[] { "", "x", larger, PemEncoding.WriteString("CERTIFICATE REQUEST", broken) })
            Refused(Refusal.RequestForCertificateInvalid, await Join(hub, request with { Csr = csr }, token));
    }

    [Fact]
    public async Task Neither_name_nor_key_of_an_agency_in_the_directory_is_taken_again()
    {
        await using var hub = await TestHub.Start();
        var token = await Invite(hub);
        using var first = await hub.Join("police-north", AgencyKind.Police);
        using var again = new TestAgency(Police, AgencyKind.Police, hub.Clock.Now);

        Refused(Refusal.AgencyTaken, await Join(hub, again.Request(), token));
        Assert.Null(await hub.Use(db => Invitation.Create(db, hub.Agencies, Police, AgencyKind.Police, Ct)));
    }

    [Fact]
    public async Task Until_it_is_admitted_an_agency_that_joins_again_has_only_the_last_certificate()
    {
        await using var hub = await TestHub.Start();
        using var lost = await hub.Join("police-north", AgencyKind.Police, admit: false);
        using var again = await hub.Join("police-north", AgencyKind.Police, admit: false);

        Assert.Equal(1, await hub.Use(db => db.Set<ClientCertificate>().CountAsync(Ct)));
        await Assert.ThrowsAsync<AdmissionException>(() => hub.Admit(lost));
        await hub.Admit(again);
    }

    [Fact]
    public async Task A_stranger_without_a_token_hears_nothing_about_the_rest_of_the_request()
    {
        await using var hub = await TestHub.Start();

        Refused(Refusal.InvitationUnknown, await Join(hub, new JoinRequest("", ""), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    }

    private static async Task<string> Invite(TestHub hub) =>
        (await hub.Use(db => Invitation.Create(db, hub.Agencies, Police, AgencyKind.Police, Ct)))!;

    private static async Task<object> Join(TestHub hub, JoinRequest request, string token) =>
        (await hub.Use(db => ReferralHub.Hub.Identity.Join.Handle(request, "Bearer " + token, db, hub.Agencies, hub.Ca, Ct))).Result;

    private static string Answer(object result) => Assert.IsType<Created<JoinAnswer>>(result).Value!.Certificate;

    private static void Refused(Refusal refusal, object result) =>
        Assert.Equal(refusal.Urned(), Assert.IsType<ProblemHttpResult>(result).ProblemDetails.Type);
}
