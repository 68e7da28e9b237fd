using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>C2SP/CCTV age testkit: every file ends as it says, and releases exactly what it says, also when it is damaged.</summary>
[Trait("group", "vectors")]
public sealed class AgeTestkitTests
{
    [Fact]
    public void Every_file_ends_as_it_says()
    {
        var cases = Directory.GetFiles(SharedVectors.Find("age-testkit", "testdata")).Select(Case.Read).ToList();
        var accepted = 0;
        foreach (var test in cases)
        {
            var (released, outcome) = test.Open();
            Assert.True(test.Expected == outcome, $"{test.Name}: {outcome}, not {test.Expected}");
            Assert.True(test.Payload is null || test.Payload == Convert.ToHexStringLower(SHA256.HashData(released)), test.Name);
            Assert.True(test.Payload is not null || released.Length == 0, test.Name);
            if (outcome == Case.Success) accepted++;
        }

        SharedVectors.Report("age-testkit", cases.Count, cases.Count, "");
        Assert.Equal((107, 20), (cases.Count, accepted));
    }

    private sealed class Case
    {
        public const string Success = "success";

        private readonly ILookup<string, string> _keys;
        private readonly byte[] _file;

        private Case(string name, ILookup<string, string> keys, byte[] file) => (Name, _keys, _file) = (name, keys, file);

        public string Name { get; }

        /// <summary>SHA-256 of what is to be released, null for nothing.</summary>
        public string? Payload => _keys["payload"].SingleOrDefault();

        public string Expected => _keys["expect"].Single();

        public static Case Read(string path)
        {
            var all = File.ReadAllBytes(path);
            var end = all.AsSpan().IndexOf("\n\n"u8);
            var keys = Encoding.UTF8.GetString(all.AsSpan(0, end)).Split('\n')
                .Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1]);
            var file = all[(end + 2)..];
            return new Case(Path.GetFileName(path), keys, keys["compressed"].Any() ? Inflate(file) : file);
        }

        public (byte[] Released, string Outcome) Open()
        {
            using var text = new MemoryStream(_file);
            Assert.Equal(_keys["armored"].Any() && Name != "armor_garbage_leading", AgeArmor.Begins(text));
            Stream file = text;
            if (_keys["armored"].Any() && !AgeArmor.TryOpen(text, out file!)) return ([], "armor failure");

            var identities = Identities().ToArray();
            var (released, fault) = AgeFiles.Open(file, AgeLimits.Local, 4096, identities);
            foreach (var identity in identities) identity.Dispose();
            return (released, fault is null ? Success : fault.Value switch
            {
                AgeFault.NotMine => "no match",
                AgeFault.HeaderForged => "HMAC failure",
                AgeFault.HeaderMalformed => "header failure",
                AgeFault.PayloadDamaged => "payload failure",
            });
        }

        private IEnumerable<AgeIdentity> Identities()
        {
            foreach (var passphrase in _keys["passphrase"]) yield return new ScryptIdentity(Encoding.UTF8.GetBytes(passphrase));
            foreach (var text in _keys["identity"])
            {
                Assert.True(KeyIdentity.TryParse(text, out var identity));
                yield return identity;
            }
        }

        private static byte[] Inflate(byte[] file)
        {
            using var plain = new MemoryStream();
            using var zlib = new ZLibStream(new MemoryStream(file), CompressionMode.Decompress);
            zlib.CopyTo(plain);
            return plain.ToArray();
        }
    }
}
