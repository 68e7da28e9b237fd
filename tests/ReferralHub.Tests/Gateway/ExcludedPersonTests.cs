using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>
/// Two worlds: in one a referral excludes somebody, in the other it was never written. Whatever that person asks their gateway,
/// at either side, the answers are the same. All names are invented.
/// </summary>
public sealed partial class ExcludedPersonTests
{
    private const string Secret = "noor's own secret", OtherSecret = "ada's own secret", KeyPassphrase = "correct horse battery", Subject = "SYNTHETIC child 1";
    private const string NotThere = "422 {error:not-found,message:ID: no such referral here.,reasons:[]}";

    private static readonly DateTimeOffset Soon = new(2027, 1, 4, 8, 0, 0, TimeSpan.Zero);

    // Every endpoint of a gateway, and what the excluded person sends to it. Those that end something come last.
    private static readonly (string Endpoint, Func<World, object?> Body)[] Requests =
    [
        ("GET /inbox", w => new { by = w.Excluded }),
        ("GET /sent", w => new { by = w.Excluded }),
        ("GET /drafts", w => new { by = w.Excluded }),
        ("GET /referrals/{id:guid}", w => new { by = w.Excluded }),
        ("GET /referrals/{id:guid}/receipts", w => new { by = w.Excluded }),
        ("GET /people", _ => null),
        ("GET /duty", _ => null),
        ("GET /agreements", _ => null),
        ("GET /indicators/{kind}", _ => null),
        ("GET /directory", _ => null),
        ("POST /alarms", w => new { by = w.Excluded, all = true }),
        ("POST /account", w => new { subject = Subject, by = w.Excluded }),
        ("POST /consents/list", w => new { subject = Subject, by = w.Excluded }),
        ("POST /directory/search", _ => new { service = (HelpService?)null, family = (ServiceFamily?)null, age = (int?)null, area = (AreaCode?)null, language = (Language?)null, gender = (Gender?)null, subject = Subject }),
        ("POST /indicators/{kind}", w => new { subject = Subject, yes = Array.Empty<string>(), by = w.Excluded }),
        ("POST /exclusions/list", w => new { subject = Subject, by = w.Excluded }),
        ("POST /refusals", w => new { @as = w.Excluded, secret = Text(Secret) }),
        ("POST /drafts/{id:guid}/show", w => new { @as = w.Excluded, secret = Text(Secret) }),
        ("POST /drafts/{id:guid}/approve", w => new { @as = w.Excluded, secret = Text(Secret) }),
        ("POST /referrals/{id:guid}/summary", ByOnly),
        ("POST /referrals/{id:guid}/open", ByOnly),
        ("POST /referrals/{id:guid}/attachments/{number:int}", ByOnly),
        ("POST /referrals/{id:guid}/read", ByOnly),
        ("POST /referrals/{id:guid}/evidence", ByOnly),
        ("POST /referrals/{id:guid}/envelope", w => new { by = w.Excluded, part = Part.Summary, passphrase = Text(KeyPassphrase) }),
        ("POST /referrals/{id:guid}/alternatives", ByOnly),
        ("POST /referrals/{id:guid}/resend/preview", w => new { by = w.Excluded, to = (AgencyId?)null, consent = (Guid?)null }),
        ("POST /referrals/{id:guid}/resend", w => new { by = w.Excluded, to = (AgencyId?)null, consent = (Guid?)null }),
        ("POST /referrals/preview", w => new Preview(Resent(w))),
        ("POST /referrals", w => new Framed(Resent(w))),
        ("POST /drafts", w => new Framed(Resent(w))),
        ("POST /referrals/{id:guid}/owner", w => new { @as = w.Excluded, to = w.Excluded }),
        ("POST /referrals/{id:guid}/acknowledge", ByOnly),
        ("POST /referrals/{id:guid}/start", ByOnly),
        ("POST /referrals/{id:guid}/hold", ByOnly),
        ("POST /referrals/{id:guid}/confirm-withdrawal", ByOnly),
        ("POST /referrals/{id:guid}/no-show", ByOnly),
        ("POST /referrals/{id:guid}/enter-in-error", ByOnly),
        ("POST /referrals/{id:guid}/ask", w => new { by = w.Excluded, text = "SYNTHETIC" }),
        ("POST /referrals/{id:guid}/answer", w => new { by = w.Excluded, text = "SYNTHETIC" }),
        ("POST /referrals/{id:guid}/note", w => new { by = w.Excluded, text = "SYNTHETIC" }),
        ("POST /referrals/{id:guid}/appointment", w => new { by = w.Excluded, text = "SYNTHETIC", at = Soon }),
        ("POST /referrals/{id:guid}/withdraw", w => new { by = w.Excluded, reason = WithdrawalReason.PlacedElsewhere }),
        ("POST /referrals/{id:guid}/urgency", w => new { by = w.Excluded, to = Urgency.Emergency, reason = UrgencyReason.RiskIncreased }),
        ("POST /referrals/{id:guid}/accept", w => new { by = w.Excluded, expectedBy = Soon }),
        ("POST /referrals/{id:guid}/decline", w => new { by = w.Excluded, reason = DeclineReason.NoCapacity }),
        ("POST /referrals/{id:guid}/complete", w => new { by = w.Excluded, outcome = Outcome.NeedsMet, note = "SYNTHETIC" }),
        ("POST /referrals/{id:guid}/fail", w => new { by = w.Excluded, reason = FailReason.Moved, note = "SYNTHETIC" }),
        ("POST /referrals/{id:guid}/close", ByOnly),
        ("POST /referrals/{id:guid}/legal-hold", w => new { by = w.Excluded, act = HoldAct.Placed, secret = Text(Secret) }),
        ("POST /referrals/{id:guid}/erase", ByOnly),
        ("POST /referrals/{id:guid}/keep", w => new { by = w.Excluded, ground = KeepGround.RecordsDuty }),
        ("POST /referrals/{id:guid}/revocation-told", ByOnly),
        ("POST /shift/end", w => new { @as = w.Excluded, to = w.Other }),
        ("GET /health", _ => null),
        ("POST /sync", _ => new { }),
        ("POST /alarms/{id:long}/clear", w => new { by = w.Excluded, reason = "SYNTHETIC" }),
        ("POST /duty", w => new { person = w.Excluded, from = Soon, until = Soon.AddHours(8), cover = false }),
        ("DELETE /duty/{shift:long}", _ => null),
        ("POST /people", _ => new { name = "Noor Example" }),
        ("POST /people/{handle}/contact", _ => new { mail = "noor@example.org", telephone = (Telephone?)null }),
        ("POST /people/{handle}/disable", w => new { by = w.Excluded }),
        ("POST /people/{handle}/enable", w => new { by = w.Excluded }),
        ("POST /people/{handle}/secret", _ => new { newSecret = Text("another secret"), secret = Text(Secret) }),
        ("POST /profile", w => new { by = w.Excluded }),
        ("POST /capacity", w => new { capacity = LiveCapacity.Capacity, service = (HelpService?)null, number = 1, by = w.Excluded }),
        ("POST /exclusions", w => new { subject = Subject, by = w.Excluded, agency = "shelter" }),
        ("POST /exclusions/reviewed", w => new { subject = Subject, by = w.Excluded }),
        ("POST /consents", w => new { by = w.Excluded }),
        ("POST /agreements", _ => new { }),
        ("POST /agreements/{id:guid}/accept", _ => null),
        ("POST /consents/{id:guid}/revoke", ByOnly),
        ("POST /keys/export", w => new { by = w.Excluded, passphrase = Text("wrong"), exportPassphrase = Text("wrong") }),
        ("POST /directory/compare", w => new { agency = "shelter", read = "SYNTHETIC", by = w.Excluded }),
    ];

    // What these would do has nothing to do with a referral.
    private static readonly string[] NotOfItsForm = ["POST /profile", "POST /consents", "POST /agreements"];

    private static readonly JsonSerializerOptions Anonymous = MakeOptions();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_answer_of_any_command_tells_an_excluded_person_that_the_referral_exists(bool atTheSender)
    {
        await using var with = await World.StartAsync(atTheSender, send: true);
        await using var without = await World.StartAsync(atTheSender, send: false);
        without.Id = with.Id;
        Assert.Equal(Requests.Select(r => r.Endpoint).Order(StringComparer.Ordinal), with.Endpoints.Keys.Order(StringComparer.Ordinal));

        var told = new List<string>();
        foreach (var (endpoint, body) in Requests)
        {
            var (there, elsewhere) = (await with.AskAsync(endpoint, body(with)), await without.AskAsync(endpoint, body(without)));
            // Compared is what they say, never that both did not understand.
            if (there.StartsWith("400", StringComparison.Ordinal) && !NotOfItsForm.Contains(endpoint)) told.Add($"{endpoint} {there}");
            if (there != elsewhere) told.Add($"{endpoint}\n{there}\n{elsewhere}");
            if (endpoint.Contains("/referrals/{id:guid}", StringComparison.Ordinal) && there != NotThere) told.Add($"{endpoint} {there}");
        }

        Assert.Empty(told);
        // The referral is there all the same, and each attempt at it was noted for the auditor.
        Assert.Equal(HandoffState.Delivered, (await with.Side.ShowAsync(with.Id, with.Other)).State);
        var refused = await with.Side.With(db => db.RefusedLooks.AsNoTracking().ToListAsync(Ct));
        Assert.True(refused.Count > 30, $"{refused.Count}");
        Assert.All(refused, r => Assert.Equal((with.Id, with.Excluded, "excluded"), (r.Referral, r.By, r.Reason)));
    }

    // The wire's converters, without the wire's rule that only what can be read back is written.
    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        foreach (var converter in LocalJson.Options.Converters) options.Converters.Add(converter);
        return options;
    }

    private static object ByOnly(World world) => new { by = world.Excluded };

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static SendReferral.Request Resent(World world)
    {
        var request = world.Pair.Request(new(world.Consent, CaseCode.Draw(), default, default), """{"identity":{"name":"SYNTHETIC Sami"}}""");
        return request with { File = request.File with { Replaces = world.Id }, By = world.Excluded, Secret = Text(Secret) };
    }

    private sealed record Preview(SendReferral.Request Request);

    private sealed record Framed(SendReferral.Request Request);

    /// <summary>A pair in which Noor works at one side, and, in one world, a referral that excludes somebody of that name.</summary>
    private sealed partial class World(TestPair pair, TestGateway side) : IAsyncDisposable
    {
        public TestPair Pair => pair;

        public TestGateway Side => side;

        public Guid Id { get; set; } = Guid.Empty;

        public Handle Excluded { get; private set; } = Handle.Parse("nobody");

        public Handle Other { get; private set; } = Handle.Parse("nobody");

        public IReadOnlyDictionary<string, RouteEndpoint> Endpoints { get; } = side.Endpoints.ToDictionary(NameOf);

        private long Shift { get; set; }

        public Guid Consent { get; private set; }

        public static async Task<World> StartAsync(bool atTheSender, bool send)
        {
            var pair = await TestPair.StartAsync();
            var world = new World(pair, atTheSender ? pair.Police : pair.Shelter);
            await world.Side.SaveKeysAsync(KeyPassphrase);
            world.Excluded = await world.Side.HireAsync("Nour al-Example", Secret, auditor: true);
            world.Other = await world.Side.HireAsync("Ada Berg", OtherSecret, lead: true);
            var now = WireTime.Whole(pair.Clock.GetUtcNow());
            world.Shift = (await world.Side.With(db => ReferralHub.Gateway.Duty.AddShift.Handle(new(world.Excluded, now.AddHours(-1), now.AddDays(13), Cover: false), db, Ct))).Shift;
            await pair.AgreeAsync();
            var consent = await pair.ConsentAsync(Subject);
            world.Consent = consent.Consent;
            if (send)
            {
                var request = pair.Request(consent, """{"identity":{"name":"SYNTHETIC Sara"}}""");
                world.Id = (await pair.Police.SendAsync(request with { File = request.File with { Need = request.File.Need with { ExcludedPeople = ["Noor Example"] } } })).Referral;
            }

            await pair.Shelter.SyncAsync();
            await pair.Police.SyncAsync();
            return world;
        }

        /// <summary>The answer, with what differs between any two runs taken out.</summary>
        public async Task<string> AskAsync(string endpoint, object? body)
        {
            var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
            http.Request.Method = endpoint.Split(' ')[0];
            var id = endpoint.Contains("/consents/", StringComparison.Ordinal) ? Consent : Id;
            http.Request.RouteValues = new RouteValueDictionary
            {
                ["id"] = endpoint.Contains("{id:long}", StringComparison.Ordinal) ? "1" : WireId.Text(id),
                ["shift"] = $"{Shift}",
                ["handle"] = Excluded.ToString(),
                ["number"] = "1",
                ["kind"] = "police",
            };
            if (http.Request.Method == "GET") http.Request.QueryString = QueryString.Create("by", Excluded.ToString());
            else Write(http.Request, body);
            await side.AnswerAsync(Endpoints[endpoint], http);
            var answer = ((MemoryStream)http.Response.Body).ToArray();
            return $"{http.Response.StatusCode} {Plain(JsonNode.Parse(answer.Length == 0 ? "null"u8 : answer))}";
        }

        public ValueTask DisposeAsync() => pair.DisposeAsync();

        private static string NameOf(RouteEndpoint endpoint) =>
            $"{endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Single()} {endpoint.RoutePattern.RawText}";

        private static void Write(HttpRequest request, object? body)
        {
            var json = body switch
            {
                Framed framed => JsonSerializer.SerializeToUtf8Bytes(framed.Request, LocalJson.Options),
                Preview preview => JsonSerializer.SerializeToUtf8Bytes(preview.Request, LocalJson.Options),
                null => "{}"u8.ToArray(),
                _ => JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Anonymous),
            };
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, json.Length);
            byte[] whole = body is Framed ? [.. length, .. json] : json;
            request.HttpContext.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
            (request.ContentType, request.ContentLength, request.Body) = ("application/json", whole.Length, new MemoryStream(whole));
        }

        private sealed class HasBody : IHttpRequestBodyDetectionFeature
        {
            public bool CanHaveBody => true;
        }

        // Keys, digests, times, ids and handles are drawn anew in each world; the id that was asked for is not.
        private string Plain(JsonNode? node) => node switch
        {
            JsonObject members => $"{{{string.Join(',', members.Select(m => $"{m.Key}:{Plain(m.Value)}"))}}}",
            JsonArray items => $"[{string.Join(',', items.Select(Plain))}]",
            JsonValue value when value.TryGetValue<string>(out var text) => Drawn().Replace(text.Replace(WireId.Text(Id), "ID", StringComparison.Ordinal), "*"),
            null => "null",
            _ => node.ToJsonString(),
        };

        [GeneratedRegex("[0-9a-f]{64}|[0-9a-f-]{36}|20[0-9-]{8}T[0-9:]{8}Z|[bcdfghjkmnpqrstvwxz23456789]{8}|[0-9a-z]{26}|([0-9]{5} ?){12}|([a-z]+ ){11}[a-z]+", RegexOptions.IgnoreCase)]
        private static partial Regex Drawn();
    }
}
