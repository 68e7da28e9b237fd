using System.Text;
using System.Text.Json.Nodes;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Cryptography;

namespace ReferralHub.Tests.Protocol.Statements;

/// <summary>
/// The members of docs/protocol.md §3.2 and §3.3, from payloads written by hand: what each kind says, and each way in which
/// it would contradict itself. What goes with which act of a handoff is in <see cref="ActFormTests"/>.
/// </summary>
public sealed class StatementFormTests : IDisposable
{
    private const string D1 = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string D2 = "2222222222222222222222222222222222222222222222222222222222222222";
    private const string D3 = "3333333333333333333333333333333333333333333333333333333333333333";
    private const string Heads = $$""" "dir":{"size":4,"root":"{{D1}}"},"log":{"size":0,"root":"{{D2}}"} """;
    private const string Leaf = D1 + "2222";
    private const string Times = """{"acknowledge":{"seconds":60,"runs":"always"},"decide":{"seconds":60,"runs":"always"},"update":{"seconds":60,"runs":"always"},"close":{"seconds":60,"runs":"always"}}""";
    private const string Clocks = $$"""{"emergency":{{Times}},"urgent":{{Times}},"standard":{{Times}},"planned":{{Times}},"review":{"seconds":60,"runs":"always"} }""";
    private const string NoTime = $$"""{"emergency":{{Times}},"urgent":{{Times}},"standard":{{Times}},"planned":{{Times}},"review":{"seconds":0,"runs":"always"} }""";

    private static readonly Dictionary<string, string> Payloads = new()
    {
        ["agreement"] = $$"""
            {"iss":"north-police","iat":"2026-03-02T08:00:00Z",{{Heads}},"agreement":"0195a000-0000-7000-8000-000000000001",
            "to":"harbour","policy":"north","routes":[{"from":"north-police","to":"harbour"},{"from":"harbour","to":"north-police"}],
            "purposes":["care","protection"],"categories":["summary","identity","sensitive"],"from":"2026-03-01T00:00:00Z",
            "until":"2027-03-01T00:00:00Z","eraseAfterDays":90,"accepts":"{{D3}}"}
            """,
        ["consent"] = $$"""
            {"iss":"north-police","iat":"2026-03-02T08:00:00Z",{{Heads}},"consent":"0195a000-0000-7000-8000-000000000002",
            "case":"0123456789ABCDEFGHJKMNPQRS","to":"harbour","purposes":["protection"],"services":["shelter","medical"],
            "categories":["summary","identity"],"validUntil":"2026-04-02T08:00:00Z","eraseAt":"2026-05-02T08:00:00Z",
            "status":"granted","detail":"{{D3}}","by":"off0001"}
            """,
        ["referral"] = $$"""
            {"iss":"north-police","iat":"2026-03-02T08:00:00Z",{{Heads}},"ref":"0195a000-0000-7000-8000-000000000003",
            "to":"harbour","case":"0123456789ABCDEFGHJKMNPQRS","service":"shelter","urgency":"urgent","purpose":"protection",
            "basis":"consent","consent":"0195a000-0000-7000-8000-000000000002","categories":["summary","identity"],
            "release":"on-acceptance","expires":"2026-03-16T08:00:00Z","by":"off0001",
            "replaces":"0195a000-0000-7000-8000-000000000009",
            "parts":[{"part":"summary","sha256":"{{D1}}","size":16800},{"part":"record","sha256":"{{D2}}","size":33200}]}
            """,
        ["release-request"] = $$"""
            {"iss":"harbour","iat":"2026-03-02T08:00:00Z",{{Heads}},"ref":"0195a000-0000-7000-8000-000000000003","after":"{{D3}}",
            "part":"record","sha256":"{{D1}}","purpose":"care","by":"wrk0001"}
            """,
        ["access"] = $$"""
            {"iss":"harbour","iat":"2026-03-02T08:00:00Z",{{Heads}},"ref":"0195a000-0000-7000-8000-000000000003","after":"{{D3}}",
            "act":"exported","part":"note","sha256":"{{D1}}","purpose":"care","by":"wrk0001"}
            """,
        ["consent-revocation"] = $$"""
            {"iss":"north-police","iat":"2026-03-02T08:00:00Z",{{Heads}},"consent":"0195a000-0000-7000-8000-000000000002","to":"harbour","by":"off0001"}
            """,
        ["revocation-notice"] = $$"""
            {"iss":"harbour","iat":"2026-03-02T08:00:00Z",{{Heads}},"ref":"0195a000-0000-7000-8000-000000000003","after":"{{D3}}","by":"wrk0001"}
            """,
        ["approval"] = $$"""
            {"iss":"north-police","iat":"2026-03-02T08:00:00Z",{{Heads}},"approves":"{{D3}}","to":"harbour","by":"off0002"}
            """,
        ["legal-hold"] = $$"""
            {"iss":"harbour","iat":"2026-03-02T08:00:00Z",{{Heads}},"ref":"0195a000-0000-7000-8000-000000000003","after":"{{D3}}",
            "act":"placed","by":"wrk0001"}
            """,
        ["erasure-receipt"] = $$"""
            {"iss":"harbour","iat":"2026-03-02T08:00:00Z",{{Heads}},"ref":"0195a000-0000-7000-8000-000000000003","after":"{{D3}}",
            "act":"kept","ground":"legal-hold","by":"wrk0001"}
            """,
        ["profile"] = $$"""
            {"iss":"harbour","iat":"2026-03-02T08:00:00Z",{{Heads}},"services":[{"offers":"safehouse","number":1,"status":"active",
            "ageFrom":10,"ageTo":17,"genders":["girl"],"needs":["hearing"],"eligibility":["guardian-consent"],"languages":["ar","en"],
            "areas":["north"],"waitDays":2,"assured":"2026-02-27"}],"hours":{"zone":"Asia/Beirut",
            "week":[["00:00-24:00"],["00:00-24:00"],["00:00-24:00"],["00:00-24:00"],["09:00-12:00","13:00-17:00"],[],[]],
            "holidays":["2026-05-01"]},"telephone":"+96170000000","by":"wrk0001"}
            """,
        ["capacity"] = $$"""
            {"iss":"harbour","iat":"2026-03-02T08:00:00Z",{{Heads}},"services":[{"offers":"safehouse","number":1,"capacity":"no-capacity"}],"by":"wrk0001"}
            """,
        ["hub-receipt"] = $$"""
            {"iss":"hub","iat":"2026-03-02T08:00:00Z",{{Heads}},"statement":"{{D3}}","leaf":"{{Leaf}}",
            "ref":"0195a000-0000-7000-8000-000000000003","state":"sent"}
            """,
        ["hub-act"] = $$"""
            {"iss":"hub","iat":"2026-03-02T08:00:00Z",{{Heads}},"act":"evidence","manifest":"{{D3}}"}
            """,
        ["coordinator-act"] = $$"""
            {"iss":"hub","iat":"2026-03-02T08:00:00Z",{{Heads}},"ref":"0195a000-0000-7000-8000-000000000003","after":"{{D3}}",
            "act":"alternates","by":"crd0001","agencies":["beacon","harbour"]}
            """,
    };

    // Those of §3.3 with a question mark, and "when about a referral".
    private static readonly string[] Optional = ["agreement.accepts", "referral.replaces", "release-request.by"];

    private readonly SigningKey _key = Seeded.Key(3);

    public static TheoryData<string> Kinds => [.. Payloads.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_read_is_what_is_written(string kind)
    {
        Assert.True(Read(kind, Payloads[kind], out var signed));
        Assert.Equal(kind, Code.Text(signed!.Statement.Kind));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Payloads[kind]), JsonNode.Parse(StrictJson.Write(signed.Statement))));

        var again = SignedStatement.Sign(_key, signed.Statement);
        Assert.Equal(kind + "+jws", again.Jws.Typ);
        Assert.True(again.Jws.IsSignedBy(_key.VerifyingKey));
        Assert.True(SignedStatement.TryRead(again.Jws.Token, out var read));
        Assert.Equal(again.Id, read.Id);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_member_must_be_there_unless_it_is_optional_and_none_is_null_or_unknown(string kind)
    {
        foreach (var (member, _) in JsonNode.Parse(Payloads[kind])!.AsObject())
        {
            Assert.Equal(Optional.Contains($"{kind}.{member}"), Read(kind, Without(kind, member), out _));
            Assert.False(Read(kind, With(kind, member, "null"), out _), member);
        }

        Assert.False(Read(kind, With(kind, "more", "1"), out _));
        Assert.False(Read(kind, With(kind, "kind", $"\"{kind}\""), out _));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_heads_are_objects_of_size_and_root(string kind)
    {
        foreach (var head in new[] { "dir", "log" })
        {
            Assert.False(Read(kind, With(kind, head, "{}"), out _));
            Assert.False(Read(kind, With(kind, head, $$"""{"size":4}"""), out _));
            Assert.False(Read(kind, With(kind, head, $$"""{"size":4,"root":"{{D1}}","more":1}"""), out _));
            Assert.False(Read(kind, With(kind, head, $$"""{"size":"4","root":"{{D1}}"}"""), out _));
            Assert.False(Read(kind, With(kind, head, $$"""{"size":4,"root":"{{D1[1..]}}"}"""), out _));
        }
    }

    [Theory]
    [InlineData("profile", "iss", "\"hub\"")]
    [InlineData("profile", "telephone", "\"12 example street\"")]
    [InlineData("profile", "telephone", "\"070000000\"")]
    [InlineData("profile", "hours", "{\"zone\":\"UTC\",\"week\":[[],[],[],[],[],[],[]],\"holidays\":[]}")]
    [InlineData("capacity", "iss", "\"hub\"")]
    [InlineData("capacity", "services", "[]")]
    [InlineData("capacity", "services", "[{\"offers\":\"safehouse\",\"number\":0,\"capacity\":\"waitlist\"}]")]
    [InlineData("capacity", "services", "[{\"offers\":\"medical\",\"number\":1,\"capacity\":\"capacity\"},{\"offers\":\"medical\",\"number\":1,\"capacity\":\"waitlist\"}]")]
    [InlineData("agreement", "iss", "\"harbour\"")] // to itself
    [InlineData("agreement", "iss", "\"hub\"")]
    [InlineData("agreement", "to", "\"hub\"")]
    [InlineData("agreement", "to", "\"beacon\"")] // the routes are another's
    [InlineData("agreement", "until", "\"2026-03-01T00:00:00Z\"")]
    [InlineData("agreement", "eraseAfterDays", "0")]
    [InlineData("agreement", "eraseAfterDays", "3651")]
    [InlineData("agreement", "eraseAfterDays", "-1")]
    [InlineData("agreement", "eraseAfterDays", "1.0")]
    [InlineData("agreement", "routes", "[]")]
    [InlineData("agreement", "routes", "[{\"from\":\"north-police\",\"to\":\"harbour\"},{\"from\":\"north-police\",\"to\":\"harbour\"}]")]
    [InlineData("agreement", "routes", "[{\"from\":\"north-police\",\"to\":\"beacon\"}]")]
    [InlineData("agreement", "routes", "[{\"from\":\"beacon\",\"to\":\"harbour\"}]")]
    [InlineData("agreement", "routes", "[{\"from\":\"harbour\",\"to\":\"harbour\"}]")]
    [InlineData("agreement", "routes", "[null]")]
    [InlineData("agreement", "purposes", "[]")]
    [InlineData("agreement", "purposes", "[\"care\",\"care\"]")]
    [InlineData("agreement", "purposes", "[\"Care\"]")]
    [InlineData("agreement", "categories", "[]")]
    [InlineData("agreement", "categories", "[\"identity\",\"summary\"]")]
    [InlineData("agreement", "categories", "[\"identity\",\"identity\"]")]
    [InlineData("agreement", "categories", "[\"health\"]")]
    [InlineData("consent", "iss", "\"harbour\"")]
    [InlineData("consent", "iss", "\"hub\"")]
    [InlineData("consent", "to", "\"hub\"")]
    [InlineData("consent", "eraseAt", "\"2026-04-02T07:59:59Z\"")]
    [InlineData("consent", "purposes", "[]")]
    [InlineData("consent", "purposes", "[\"care\",\"care\"]")]
    [InlineData("consent", "services", "[]")]
    [InlineData("consent", "services", "[\"legal\",\"legal\"]")]
    [InlineData("consent", "categories", "[]")]
    [InlineData("consent", "categories", "[\"identity\",\"summary\"]")]
    [InlineData("consent", "categories", "[\"legal\"]")]
    [InlineData("consent", "status", "\"revoked\"")]
    [InlineData("referral", "iss", "\"harbour\"")]
    [InlineData("referral", "iss", "\"hub\"")]
    [InlineData("referral", "to", "\"hub\"")]
    [InlineData("referral", "replaces", "\"0195a000-0000-7000-8000-000000000003\"")]
    [InlineData("referral", "categories", "[]")]
    [InlineData("referral", "categories", "[\"identity\"]")]
    [InlineData("referral", "categories", "[\"summary\",\"documents\",\"identity\"]")]
    [InlineData("referral", "categories", "[\"summary\",\"summary\"]")]
    [InlineData("referral", "parts", "[]")]
    [InlineData("referral", "parts", "[{\"part\":\"summary\",\"sha256\":\"" + D1 + "\",\"size\":1}]")]
    [InlineData("referral", "parts", "[{\"part\":\"record\",\"sha256\":\"" + D1 + "\",\"size\":1},{\"part\":\"summary\",\"sha256\":\"" + D2 + "\",\"size\":1}]")]
    [InlineData("referral", "parts", "[{\"part\":\"summary\",\"sha256\":\"" + D1 + "\",\"size\":1},{\"part\":\"note\",\"sha256\":\"" + D2 + "\",\"size\":1}]")]
    [InlineData("referral", "parts", "[{\"part\":\"summary\",\"sha256\":\"" + D1 + "\",\"size\":1},{\"part\":\"record\",\"sha256\":\"" + D2 + "\",\"size\":1},{\"part\":\"note\",\"sha256\":\"" + D3 + "\",\"size\":1}]")]
    [InlineData("referral", "parts", "[{\"part\":\"summary\",\"sha256\":\"" + D1 + "\",\"size\":1},{\"part\":\"record\",\"sha256\":\"" + D1 + "\",\"size\":1}]")]
    [InlineData("referral", "parts", "[{\"part\":\"summary\",\"sha256\":\"" + D1 + "\",\"size\":0},{\"part\":\"record\",\"sha256\":\"" + D2 + "\",\"size\":1}]")]
    [InlineData("referral", "parts", "[{\"part\":\"summary\",\"sha256\":\"" + D1 + "\",\"size\":1},{\"part\":\"record\",\"sha256\":\"" + D2 + "\",\"size\":0}]")]
    [InlineData("release-request", "iss", "\"hub\"")]
    [InlineData("access", "iss", "\"hub\"")]
    [InlineData("access", "act", "\"shown\"")]
    [InlineData("access", "breakGlass", "\"curiosity\"")]
    [InlineData("referral", "ground", "\"statute\"")] // a consent rests on nothing else
    [InlineData("referral", "told", "\"told\"")]
    [InlineData("referral", "basis", "\"court-order\"")] // without ground and told
    [InlineData("referral", "release", "\"on-delivery\"")] // without a reason
    [InlineData("referral", "releaseReason", "\"danger-to-life\"")] // with nothing to give a reason for
    [InlineData("consent-revocation", "iss", "\"hub\"")]
    [InlineData("consent-revocation", "iss", "\"harbour\"")]
    [InlineData("consent-revocation", "to", "\"hub\"")]
    [InlineData("revocation-notice", "iss", "\"hub\"")]
    [InlineData("approval", "iss", "\"hub\"")]
    [InlineData("approval", "iss", "\"harbour\"")]
    [InlineData("approval", "to", "\"hub\"")]
    [InlineData("legal-hold", "iss", "\"hub\"")]
    [InlineData("legal-hold", "act", "\"kept\"")]
    [InlineData("erasure-receipt", "iss", "\"hub\"")]
    [InlineData("erasure-receipt", "act", "\"erased\"")] // needs no ground
    [InlineData("erasure-receipt", "ground", "\"convenience\"")]
    [InlineData("hub-receipt", "iss", "\"harbour\"")]
    [InlineData("hub-receipt", "leaf", "\"" + D1 + "222\"")]
    [InlineData("hub-receipt", "leaf", "\"" + D1 + "22222\"")]
    [InlineData("hub-receipt", "leaf", "\"" + D1 + "222A\"")]
    [InlineData("hub-receipt", "leaf", "\"" + D1 + "222g\"")]
    [InlineData("hub-act", "iss", "\"harbour\"")]
    [InlineData("coordinator-act", "iss", "\"harbour\"")]
    [InlineData("coordinator-act", "agencies", "[]")]
    [InlineData("coordinator-act", "agencies", "[\"beacon\",\"beacon\"]")]
    [InlineData("coordinator-act", "agencies", "[\"hub\"]")]
    [InlineData("coordinator-act", "agencies", "[\"a1\",\"a2\",\"a3\",\"a4\",\"a5\",\"a6\"]")]
    [InlineData("coordinator-act", "act", "\"nudged\"")]
    [InlineData("coordinator-act", "act", "\"reviewed\"")]
    [InlineData("agreement", "clocks", NoTime)]
    public void A_statement_does_not_contradict_itself(string kind, string member, string value) =>
        Assert.False(Read(kind, With(kind, member, value), out _));

    [Theory]
    [InlineData("agreement", "eraseAfterDays", "1")]
    [InlineData("agreement", "eraseAfterDays", "3650")]
    [InlineData("agreement", "until", "\"2026-03-01T00:00:01Z\"")]
    [InlineData("agreement", "clocks", Clocks)]
    [InlineData("agreement", "routes", "[{\"from\":\"harbour\",\"to\":\"north-police\"}]")]
    [InlineData("consent", "eraseAt", "\"2026-04-02T08:00:00Z\"")]
    [InlineData("consent", "status", "\"denied\"")]
    [InlineData("consent", "purposes", "[\"reintegration\",\"care\"]")]
    [InlineData("access", "breakGlass", "\"evidence-window\"")]
    [InlineData("access", "act", "\"attachment-saved\"")]
    [InlineData("referral", "categories", "[\"summary\"]")]
    [InlineData("referral", "categories", "[\"summary\",\"identity\",\"contact\",\"safe-contact\",\"caregivers\",\"concern\",\"sensitive\",\"photos\",\"documents\"]")]
    [InlineData("referral", "parts", "[{\"part\":\"summary\",\"sha256\":\"" + D1 + "\",\"size\":1},{\"part\":\"record\",\"sha256\":\"" + D2 + "\",\"size\":1}]")]
    public void What_lies_just_inside_is_read(string kind, string member, string value) =>
        Assert.True(Read(kind, With(kind, member, value), out _));

    [Theory]
    [InlineData("harbour", "harbour")]
    [InlineData("hub", "harbour")]
    [InlineData("harbour", "hub")]
    public void An_agreement_is_between_two_agencies_also_when_its_routes_are(string issuer, string to)
    {
        var payload = JsonNode.Parse(Payloads["agreement"])!.AsObject();
        (payload["iss"], payload["to"]) = (issuer, to);
        payload["routes"] = JsonNode.Parse($$"""[{"from":"{{issuer}}","to":"{{to}}"}]""");
        Assert.False(Read("agreement", payload.ToJsonString(), out _));
    }

    [Fact]
    public void A_statement_has_at_most_4_KiB_as_a_token()
    {
        // Three bytes of padding are four letters of base64.
        var room = 4096 - Token("").Length;
        Assert.True(SignedStatement.TryRead(Token(new('\n', room / 4 * 3)), out _));
        Assert.False(SignedStatement.TryRead(Token(new('\n', (room / 4 * 3) + 3)), out _));

        string Token(string padding) => Jws.Sign(_key, "hub-act+jws", Bytes(Payloads["hub-act"] + padding)).Token;
    }

    [Fact]
    public void A_token_with_a_letter_outside_ASCII_is_none()
    {
        var token = Jws.Sign(_key, "consent+jws", Bytes(Payloads["consent"])).Token;
        Assert.True(SignedStatement.TryRead(token, out _));
        Assert.False(SignedStatement.TryRead(token[..^1] + "\u00E9", out _));
    }

    [Fact]
    public void Every_basis_but_consent_says_what_it_rests_on_and_whether_the_child_was_told_and_needs_no_consent()
    {
        var payload = JsonNode.Parse(Payloads["referral"])!.AsObject();
        (payload["basis"], payload["ground"], payload["told"]) = ("court-order", "court-ruling", "forbidden");
        Assert.True(Read("referral", payload.ToJsonString(), out _));
        payload.Remove("consent");
        Assert.True(Read("referral", payload.ToJsonString(), out _));
        foreach (var member in new[] { "ground", "told" })
        {
            var without = payload.DeepClone().AsObject();
            without.Remove(member);
            Assert.False(Read("referral", without.ToJsonString(), out _), member);
        }

        (payload["release"], payload["releaseReason"]) = ("on-delivery", "evidence-window");
        Assert.True(Read("referral", payload.ToJsonString(), out _));
    }

    [Fact]
    public void Who_erases_gives_no_ground_and_who_keeps_gives_one()
    {
        Assert.False(Read("erasure-receipt", Without("erasure-receipt", "ground"), out _));
        var erased = JsonNode.Parse(Without("erasure-receipt", "ground"))!.AsObject();
        erased["act"] = "erased";
        Assert.True(Read("erasure-receipt", erased.ToJsonString(), out _));
    }

    [Fact]
    public void A_receipt_names_referral_and_state_together_or_neither()
    {
        Assert.False(Read("hub-receipt", Without("hub-receipt", "ref"), out _));
        Assert.False(Read("hub-receipt", Without("hub-receipt", "state"), out _));
        var neither = JsonNode.Parse(Payloads["hub-receipt"])!.AsObject();
        neither.Remove("ref");
        neither.Remove("state");
        Assert.True(Read("hub-receipt", neither.ToJsonString(), out _));
    }

    [Fact]
    public void A_payload_of_one_kind_is_not_read_under_the_typ_of_another()
    {
        foreach (var kind in Payloads.Keys)
        {
            foreach (var other in Payloads.Keys.Where(other => other != kind)) Assert.False(Read(other, Payloads[kind], out _), $"{kind} as {other}");
        }

        Assert.False(Read("genesis", Payloads["consent"], out _));
    }

    [Fact]
    public void What_contradicts_itself_is_not_signed()
    {
        Assert.True(Read("hub-act", Payloads["hub-act"], out var signed));
        Assert.Throws<ArgumentException>(() => SignedStatement.Sign(_key, signed!.Statement with { Issuer = AgencyId.Parse("harbour") }));
    }

    [Theory]
    [InlineData("agreement", null)]
    [InlineData("consent", null)]
    [InlineData("referral", "0195a000-0000-7000-8000-000000000003")]
    [InlineData("release-request", "0195a000-0000-7000-8000-000000000003")]
    [InlineData("access", "0195a000-0000-7000-8000-000000000003")]
    [InlineData("consent-revocation", null)]
    [InlineData("approval", null)]
    [InlineData("revocation-notice", "0195a000-0000-7000-8000-000000000003")]
    [InlineData("legal-hold", "0195a000-0000-7000-8000-000000000003")]
    [InlineData("erasure-receipt", "0195a000-0000-7000-8000-000000000003")]
    [InlineData("hub-receipt", "0195a000-0000-7000-8000-000000000003")]
    [InlineData("hub-act", null)]
    [InlineData("coordinator-act", "0195a000-0000-7000-8000-000000000003")]
    public void A_statement_is_about_the_referral_it_names(string kind, string? referral)
    {
        Assert.True(Read(kind, Payloads[kind], out var signed));
        Assert.Equal(referral, signed!.Statement.About?.ToString());
    }

    // The other side's statement, one member changed: {0} is the proposal's id.
    [Theory]
    [InlineData(null, null, true)]
    [InlineData("accepts", "\"" + D1 + "\"", false)]
    [InlineData("iss", "\"north-police\"", false)]
    [InlineData("to", "\"beacon\"", false)]
    [InlineData("agreement", "\"0195a000-0000-7000-8000-000000000007\"", false)]
    [InlineData("policy", "\"south\"", false)]
    [InlineData("from", "\"2026-03-01T00:00:01Z\"", false)]
    [InlineData("until", "\"2027-03-01T00:00:01Z\"", false)]
    [InlineData("eraseAfterDays", "91", false)]
    [InlineData("routes", "[{\"from\":\"harbour\",\"to\":\"north-police\"}]", false)]
    [InlineData("routes", "[{\"from\":\"harbour\",\"to\":\"north-police\"},{\"from\":\"north-police\",\"to\":\"harbour\"}]", true)]
    [InlineData("purposes", "[\"care\"]", false)]
    [InlineData("purposes", "[\"protection\",\"care\"]", true)]
    [InlineData("categories", "[\"summary\",\"identity\"]", false)]
    [InlineData("clocks", Clocks, false)]
    [InlineData("iat", "\"2026-03-03T08:00:00Z\"", true)]
    public void An_acceptance_repeats_every_term_of_the_proposal(string? member, string? value, bool accepts)
    {
        Assert.True(StrictJson.TryRead<Agreement>(Bytes(Without("agreement", "accepts")), out var proposal));
        Assert.True(Digest.TryParse(D3, out var id));
        var answer = JsonNode.Parse(Payloads["agreement"])!.AsObject();
        (answer["iss"], answer["to"]) = ("harbour", "north-police");
        if (member is not null) answer[member] = JsonNode.Parse(value!);
        Assert.True(StrictJson.TryRead<Agreement>(Bytes(answer.ToJsonString()), out var acceptance));
        Assert.Equal(accepts, acceptance.IsAcceptanceOf(proposal, id));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("consent", "0195a000-0000-7000-8000-000000000007", false)]
    [InlineData("iss", "beacon", false)]
    [InlineData("to", "beacon", false)]
    public void A_consent_is_taken_back_by_who_obtained_it_towards_whom_it_named(string? member, string? value, bool revokes)
    {
        Assert.True(StrictJson.TryRead<Consent>(Bytes(Payloads["consent"]), out var consent));
        var said = member is null ? Payloads["consent-revocation"] : With("consent-revocation", member, $"\"{value}\"");
        Assert.True(StrictJson.TryRead<ConsentRevocation>(Bytes(said), out var revocation));
        Assert.Equal(revokes, revocation.Revokes(consent));
    }

    [Theory]
    [InlineData("north-police", "off0001", true)]
    [InlineData("north-police", "off0002", false)]
    [InlineData("beacon", "off0001", false)]
    public void A_second_person_of_the_same_agency_approves(string issuer, string first, bool approves)
    {
        Assert.True(StrictJson.TryRead<Approval>(Bytes(Payloads["approval"]), out var approval));
        Assert.Equal(approves, approval.IsSecondTo(AgencyId.Parse(issuer), Handle.Parse(first)));
    }

    [Fact]
    public void An_acceptance_is_not_accepted_again()
    {
        Assert.True(StrictJson.TryRead<Agreement>(Bytes(Payloads["agreement"]), out var acceptance));
        Assert.True(Digest.TryParse(D3, out var id));
        var again = acceptance with { Issuer = acceptance.To, To = acceptance.Issuer };
        Assert.False(again.IsAcceptanceOf(acceptance, id));
    }

    [Theory]
    [InlineData("north-police", "harbour", "2026-03-01T00:00:00Z", true)]
    [InlineData("north-police", "harbour", "2027-02-28T23:59:59Z", true)]
    [InlineData("north-police", "harbour", "2026-02-28T23:59:59Z", false)]
    [InlineData("north-police", "harbour", "2027-03-01T00:00:00Z", false)]
    [InlineData("harbour", "north-police", "2026-06-01T00:00:00Z", false)]
    [InlineData("north-police", "beacon", "2026-06-01T00:00:00Z", false)]
    public void An_agreement_counts_on_its_routes_from_its_first_second_to_before_its_last(string from, string to, string at, bool routed)
    {
        Assert.True(StrictJson.TryRead<Agreement>(
            Bytes(With("agreement", "routes", "[{\"from\":\"north-police\",\"to\":\"harbour\"}]")), out var agreement));
        Assert.True(WireTime.TryParse(at, out var time));
        Assert.Equal(routed, agreement.Routed(AgencyId.Parse(from), AgencyId.Parse(to), time));
    }

    public void Dispose() => _key.Dispose();

    private static string With(string kind, string member, string value)
    {
        var payload = JsonNode.Parse(Payloads[kind])!.AsObject();
        payload[member] = JsonNode.Parse(value);
        return payload.ToJsonString();
    }

    private static string Without(string kind, string member)
    {
        var payload = JsonNode.Parse(Payloads[kind])!.AsObject();
        Assert.True(payload.Remove(member));
        return payload.ToJsonString();
    }

    private static byte[] Bytes(string payload) => Encoding.ASCII.GetBytes(payload);

    private bool Read(string kind, string payload, out SignedStatement? signed) =>
        SignedStatement.TryRead(Jws.Sign(_key, kind + "+jws", Bytes(payload)).Token, out signed);
}
