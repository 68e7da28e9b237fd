using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>
/// C2SP/CCTV age testkit. X25519 stanzas are not ours to open, so a file sealed to one is opened with the file key that its
/// case states: header grammar, MAC and payload are checked all the same.
/// </summary>
[Trait("group", "vectors")]
public sealed class AgeTestkitTests
{
    [Fact]
    public void Every_case_that_applies_ends_as_it_should()
    {
        var cases = Directory.GetFiles(SharedVectors.Find("age-testkit", "testdata")).Select(Case.Read).ToList();
        var applying = cases.Where(c => c.WhyNot is null).ToList();
        var accepted = 0;
        foreach (var test in applying)
        {
            var (released, fault) = test.Open();
            Assert.True(test.Expected == fault, $"{test.Name}: {fault?.ToString() ?? "accepted"}, not {test.Expected?.ToString() ?? "accepted"}");
            if (fault is not null) continue;
            Assert.Equal(test.Payload, Convert.ToHexStringLower(SHA256.HashData(released)));
            accepted++;
        }

        SharedVectors.Report("age-testkit", applying.Count, cases.Count, string.Join("; ", cases.GroupBy(c => c.WhyNot).Where(g => g.Key is not null).Select(g => $"{g.Key}: {g.Count()}")));
        Assert.Equal((107, 71, 11), (cases.Count, applying.Count, accepted));
    }

    private sealed class Case
    {
        private readonly ILookup<string, string> _keys;
        private readonly byte[] _file;

        private Case(string name, ILookup<string, string> keys, byte[] file) => (Name, _keys, _file) = (name, keys, file);

        public string Name { get; }

        public string? Payload => _keys["payload"].SingleOrDefault();

        public AgeFault? Expected => _keys["expect"].Single() switch
        {
            "success" => null,
            "no match" => AgeFault.NotMine,
            "HMAC failure" => AgeFault.HeaderForged,
            "header failure" => AgeFault.HeaderMalformed,
            "payload failure" => AgeFault.PayloadDamaged,
            var other => throw new InvalidDataException(other),
        };

        /// <summary>Why the case does not apply, or null.</summary>
        public string? WhyNot =>
            _keys["armored"].Any() ? "armored"
            : Name.StartsWith("x25519_", StringComparison.Ordinal) || Name == "hybrid_x25519_arg" ? "opens or refuses an X25519 stanza"
            : null;

        public static Case Read(string path)
        {
            var all = File.ReadAllBytes(path);
            var end = all.AsSpan().IndexOf("\n\n"u8);
            var keys = Encoding.UTF8.GetString(all.AsSpan(0, end)).Split('\n')
                .Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1]);
            var file = all[(end + 2)..];
            return new Case(Path.GetFileName(path), keys, keys["compressed"].Any() ? Inflate(file) : file);
        }

        public (byte[] Released, AgeFault? Fault) Open()
        {
            var identities = Identities().ToArray();
            var result = AgeFiles.Open(_file, AgeLimits.Local, 4096, identities);
            foreach (var identity in identities) identity.Dispose();
            return result;
        }

        private IEnumerable<AgeIdentity> Identities()
        {
            foreach (var passphrase in _keys["passphrase"]) yield return new ScryptIdentity(Encoding.UTF8.GetBytes(passphrase));
            foreach (var text in _keys["identity"])
                yield return HybridIdentity.TryParse(text, out var identity) ? identity : new KnownFileKey(_keys["file key"].Single());
        }

        private static byte[] Inflate(byte[] file)
        {
            using var plain = new MemoryStream();
            using var zlib = new ZLibStream(new MemoryStream(file), CompressionMode.Decompress);
            zlib.CopyTo(plain);
            return plain.ToArray();
        }
    }

    private sealed class KnownFileKey(string hex) : AgeIdentity
    {
        public override void Dispose()
        {
        }

        internal override AgeFault? Unwrap(AgeHeader header, Span<byte> fileKey)
        {
            if (!header.Stanzas.Any(s => s.Type == "X25519")) return AgeFault.NotMine;
            Convert.FromHexString(hex).CopyTo(fileKey);
            return null;
        }
    }
}
