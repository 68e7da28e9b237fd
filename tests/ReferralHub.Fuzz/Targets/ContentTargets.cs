using ReferralHub.Protocol.Content;

namespace ReferralHub.Fuzz.Targets;

internal static class ContentTargets
{
    /// <summary>The JSON inside envelopes; the first byte says which. What was read is written, and read again as the same.</summary>
    public static Target Json() => new(
        "content",
        [
            Seeds.Of(0, """{"identity":{"name":"SYNTHETIC"},"concern":{"text":"\u00e9"},"documents":[{"path":"attachments/0001","name":"a.pdf","type":"application/pdf"}],"photos":[]}"""u8),
            Seeds.Of(1, """{"service":"shelter","urgency":"standard","ageBand":"13-15","risk":"low","area":"north","gender":"girl","language":"fr","specificNeeds":["hearing"],"evidenceWindow":"2026-03-02T08:00:00Z","safeContactFlags":["code-word"],"excludedPeople":["SYNTHETIC"]}"""u8),
            Seeds.Of(2, """{"text":"SYNTHETIC"}"""u8),
            Seeds.Of(3, """{"grantors":["caregiver"],"competenceAssessed":"yes","categories":["summary"],"services":["x"],"form":"written","language":"fr","risksExplained":"all","obtainedAt":"2026-03-02T08:00:00Z","obtainedBy":"SYNTHETIC","original":"0000000000000000000000000000000000000000000000000000000000000000"}"""u8),
        ],
        input => input.Length > 0 && (input[0] % 4) switch
        {
            0 => Form(input.AsSpan(1)),
            1 => Again<Summary>(input.AsSpan(1)),
            2 => Again<Note>(input.AsSpan(1)),
            _ => Again<ConsentDetail>(input.AsSpan(1)),
        })
    { Words = Seeds.Words("null", "[null]", "\\ud800", "\\u0000", "\u00e9", "{", "}", "[[[[[[[[[[[[[[[[[", "1e999", "\"photos\":[],", "\"identity\":{},", "\"path\":\"attachments/0001\"", "true") };

    private static bool Form(ReadOnlySpan<byte> json)
    {
        if (!Protocol.Content.Form.TryRead(json, out var form)) return false;
        var written = form.ToBytes();
        OracleException.Require(Protocol.Content.Form.TryRead(written, out var again), "a form that was read cannot be read again");
        OracleException.Same(again!.ToBytes(), written, "form");
        OracleException.Require(again.Attachments.SequenceEqual(form.Attachments), "a form loses attachments");
        _ = form.Reduce([.. form.Categories.Take(1)]).ToBytes();
        _ = FormCheck.TryRead(form, DateTimeOffset.UnixEpoch, out _, out _);
        return true;
    }

    private static bool Again<T>(ReadOnlySpan<byte> json)
        where T : class
    {
        if (!SealedJson.TryRead<T>(json, out var value)) return false;
        var written = SealedJson.Write(value);
        OracleException.Require(SealedJson.TryRead<T>(written, out var again), "what was read cannot be read again");
        OracleException.Same(SealedJson.Write(again!), written, typeof(T).Name);
        return true;
    }
}
