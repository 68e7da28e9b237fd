using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Fuzz.Targets;

internal static class EvidenceTargets
{
    private static readonly byte[][] ZipWords = Seeds.Words("PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "manifest.json", "directory/000000.jws", "events/000000000001.json");

    /// <summary>An archive has one spelling, and only the hub's own bundle is believed.</summary>
    public static Target Zip()
    {
        var bundle = Seeds.Story.Bundle();
        StoredZip.TryRead(bundle, out var all, out _);
        byte[] small = Pack(all!.Where(entry => entry.Path.StartsWith("checkpoints/", StringComparison.Ordinal)));
        return new("zip", [small, Pack([]), Pack([new("a", default), new("b", new byte[20])])], input =>
        {
            var report = EvidenceCheck.Run(input, Seeds.Story.Fingerprint);
            OracleException.Require(report.Finding is not null, "a bundle is believed that the hub did not make");
            if (!StoredZip.TryRead(input, out var entries, out _)) return false;
            OracleException.Same(Pack(entries), input, "archive");
            return true;
        })
        { Words = ZipWords };
    }

    /// <summary>
    /// Whole bundles. An input that is repaired is packed, listed and signed again by a lying hub, so that everything behind the
    /// manifest is reached; each checks up to a hundred signatures.
    /// </summary>
    public static Target Bundle()
    {
        var bundle = Seeds.Story.Bundle();
        return new("evidence", [bundle], input =>
        {
            var report = EvidenceCheck.Run(input, Seeds.Story.Fingerprint);
            OracleException.Require(report.Finding is null == report.Story is not null, "a story without a finding, or a finding");
            return report.Finding is null;
        })
        { Words = ZipWords, Repair = Sign, Cost = 50 };
    }

    private static byte[] Pack(IEnumerable<ZipEntry> entries) => [.. StoredZip.Write([.. entries]).SelectMany(piece => piece.ToArray())];

    private static byte[] Sign(byte[] input)
    {
        // Finds the files by their headers, as a lenient reader does.
        var files = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        for (var at = 0; at + 30 < input.Length; at++)
        {
            if (!input.AsSpan(at).StartsWith("PK\u0003\u0004"u8)) continue;
            var size = BitConverter.ToUInt32(input, at + 22);
            var content = at + 30 + BitConverter.ToUInt16(input, at + 26);
            if (content + size > input.Length) continue;
            var path = Encoding.Latin1.GetString(input, at + 30, content - at - 30);
            if (path.Length is > 0 and < 256 && !path.AsSpan().ContainsAnyExceptInRange('!', '~')) files[path] = input.AsMemory(content, (int)size);
        }

        if (!files.TryGetValue("manifest.jws", out var token) || !SignedStatement.TryRead(token.Span, out var signed) || signed.Statement is not HubAct act) return input;
        files.Remove("manifest.jws");
        files.Remove("manifest.json");
        var manifest = StrictJson.Write(files.ToDictionary(f => f.Key, f => Digest.Of(f.Value.Span)));
        files["manifest.json"] = manifest;
        files["manifest.jws"] = Encoding.ASCII.GetBytes(SignedStatement.Sign(Seeds.Story.Key("hub signing"), act with { Manifest = Digest.Of(manifest) }).Jws.Token);
        return Pack(files.Select(f => new ZipEntry(f.Key, f.Value)));
    }
}
