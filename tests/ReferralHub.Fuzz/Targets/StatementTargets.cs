using System.Buffers.Text;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Fuzz.Targets;

internal static class StatementTargets
{
    private static readonly byte[][] JsonWords = Seeds.Words(
        "null", "true", "\\u0000", "\\\"", "\u00e9", "{", "}", "[]", "[[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{", "//", "1e9", "-0",
        "\"iss\":\"hub\",", "\"ref\":\"0195a000-0000-7000-8000-000000000003\",", "\"after\":", "\"parts\":[],", "2026-03-02T08:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z");

    // As the first byte of a payload's input says: the kinds of statements, then these.
    private static readonly string[] OtherTypes = ["inner+jws", Genesis.Typ, JurisdictionPolicy.Typ, AgencyEvent.Typ, ""];

    /// <summary>A token has one spelling, and a statement that was read can be said again.</summary>
    public static Target Token() => new("jws", [.. Statements().Select(s => Encoding.ASCII.GetBytes(s.Jws.Token))], input =>
    {
        if (!Jws.TryParse(input, out var jws)) return false;
        // Each of the three parts encoded again, by other code than that which read it.
        var parts = jws.Token.Split('.');
        string[] written = [Base64Url.EncodeToString(Base64Url.DecodeFromChars(parts[0])), Base64Url.EncodeToString(jws.Payload.Span), Base64Url.EncodeToString(Base64Url.DecodeFromChars(parts[2]))];
        OracleException.Same(Encoding.ASCII.GetBytes(string.Join('.', written)), input, "token");
        if (SignedStatement.TryRead(input, out var signed)) SayAgain(signed.Statement);
        return true;
    })
    { Words = Seeds.Words(".", "..", "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoi", "=", "_", "-", "+") };

    /// <summary>The payloads of all tokens and events, without the base64 around them.</summary>
    public static Target Payload()
    {
        var kinds = Enum.GetValues<StatementKind>();
        var genesis = Seeds.Story.Contents().DirectoryEntries.Select(entry => CoSigned.TryParse(entry.Span, out var read) ? read : throw new InvalidDataException());
        var seeds = Statements().Select(s => Seeds.Of((int)s.Statement.Kind, s.Jws.Payload.Span))
            .Concat(genesis.Select(entry => Seeds.Of(kinds.Length + Array.IndexOf(OtherTypes, entry.Typ), entry.Payload.Span)))
            .Concat(Seeds.Story.Logged.Select(e => Seeds.Of(kinds.Length + OtherTypes.Length - 1, e.ToBytes())))
            .Append(Seeds.Of(kinds.Length, StrictJson.Write(EnvelopeTargets.Statement([]))));
        return new("payload", [.. seeds], input => input.Length > 0 && Read(input[0] % (kinds.Length + OtherTypes.Length), input.AsSpan(1))) { Words = JsonWords };

        bool Read(int kind, ReadOnlySpan<byte> payload)
        {
            if (kind == kinds.Length + OtherTypes.Length - 1) return AuditEvent.TryRead(payload, out var audit) && WriteAgain(audit);
            var typ = kind < kinds.Length ? kinds[kind].Typ() : OtherTypes[kind - kinds.Length];
            if (!Jws.TryParse(Unsigned(typ, payload), out var token)) return false;
            return typ switch
            {
                InnerStatement.Typ => InnerStatement.TryRead(token, out var inner) && WriteAgain(inner),
                Genesis.Typ => StrictJson.TryRead<Genesis>(payload, out var read) && read.IsWellFormed && WriteAgain(read) && read.TrustPolicy.Length > 0,
                JurisdictionPolicy.Typ => StrictJson.TryRead<JurisdictionPolicy>(payload, out var policy) && policy.IsWellFormed && WriteAgain(policy),
                AgencyEvent.Typ => StrictJson.TryRead<AgencyEvent>(payload, out var enrol) && enrol.IsWellFormed && WriteAgain(enrol),
                _ => SignedStatement.TryRead(Encoding.ASCII.GetString(Unsigned(typ, payload)), out var statement) && SayAgain(statement.Statement),
            };
        }
    }

    /// <summary>An entry has one spelling; an entry that the directory takes was signed by all whom it takes.</summary>
    public static Target CoSignedEntry()
    {
        var contents = Seeds.Story.Contents();
        if (!AgencyDirectory.TryBegin(contents.DirectoryEntries[0].Span, null, out var directory, out _)) throw new InvalidDataException();
        return new("co-signed", [.. contents.DirectoryEntries.Select(e => e.ToArray()), Seeds.Vector("statements/agency-event.cosigned")], input =>
        {
            _ = AgencyDirectory.TryBegin(input, null, out _, out _);
            if (directory.TryAppend(input, out _, out _))
                OracleException.Require(contents.DirectoryEntries.Any(e => e.Span.SequenceEqual(input)), "the directory takes an entry that nobody signed");
            if (!CoSigned.TryParse(input, out var entry)) return false;
            OracleException.Same(entry.ToArray(), input, "entry");
            return true;
        })
        { Words = Seeds.Words("{\"payload\":\"", "\",\"signatures\":[", "{\"protected\":\"", "\",\"signature\":\"", "\"},", "\"}]}") };
    }

    private static IEnumerable<SignedStatement> Statements()
    {
        var story = Seeds.Story;
        var (last, head) = (story.Contents().Statements[^1], new TreeHead(5, Story.Sealed("root")));
        Statement receipt = new HubReceipt
        {
            Issuer = AgencyId.Hub,
            IssuedAt = Story.Start,
            Directory = head,
            AuditLog = head,
            StatementId = last.Id,
            Leaf = new string('0', 68),
            Referral = Story.Id(3),
            State = HandoffState.LoopClosed,
        };
        Statement act = new HubAct { Issuer = AgencyId.Hub, IssuedAt = Story.Start, Directory = head, AuditLog = head, Act = HubActCode.Evidence, Manifest = last.Id };
        return [.. story.Contents().Statements, SignedStatement.Sign(story.Key("hub signing"), receipt), SignedStatement.Sign(story.Key("hub signing"), act)];
    }

    private static byte[] Unsigned(string typ, ReadOnlySpan<byte> payload)
    {
        var header = Seeds.Utf8($$"""{"alg":"Ed25519","kid":"{{new string('A', 43)}}","typ":"{{typ}}"}""");
        return Seeds.Utf8($"{CanonicalBase64.Url.Encode(header)}.{CanonicalBase64.Url.Encode(payload)}.{CanonicalBase64.Url.Encode(new byte[64])}");
    }

    // Signing reads what it wrote, and throws when that is not the statement.
    private static bool SayAgain(Statement statement)
    {
        var again = SignedStatement.Sign(Seeds.Story.Key("hub signing"), statement).Statement;
        OracleException.Same(StrictJson.Write(again), StrictJson.Write(statement), "statement");
        return true;
    }

    private static bool WriteAgain<T>(T value)
        where T : class
    {
        var written = StrictJson.Write(value);
        OracleException.Require(StrictJson.TryRead<T>(written, out var again), "what was read cannot be read again");
        OracleException.Same(StrictJson.Write(again!), written, typeof(T).Name);
        return true;
    }
}
