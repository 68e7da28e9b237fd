using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Age;

/// <summary>A file of C2SP/CCTV's age testkit: <c>key: value</c> lines, an empty line, the age file.</summary>
internal sealed class AgeTestkit
{
    private const string Success = "success";

    private readonly ILookup<string, string> _keys;
    private readonly byte[] _file;

    private AgeTestkit(string name, ILookup<string, string> keys, byte[] file) => (Name, _keys, _file) = (name, keys, file);

    public string Name { get; }

    public bool Succeeds => Expected == Success;

    public bool IsArmored => _keys["armored"].Any();

    public byte[] FileKey => Convert.FromHexString(_keys["file key"].Single());

    private string Expected => _keys["expect"].Single();

    // SHA-256 of what is to be released; none for nothing.
    private string Payload => _keys["payload"].SingleOrDefault() ?? Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>All files of a folder.</summary>
    public static IEnumerable<AgeTestkit> Read(string folder) => Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(ReadFile);

    /// <summary>Every file ends as it says, and releases exactly what it says, also when it is damaged.</summary>
    public static void Run(string set, string folder, int files, int accepted)
    {
        var tally = new Tally(set);
        foreach (var test in Read(folder))
        {
            var (released, outcome) = test.Open();
            Assert.True(test.Expected == outcome, $"{test.Name}: {outcome}, not {test.Expected}");
            Assert.True(test.Payload == Convert.ToHexStringLower(SHA256.HashData(released)), test.Name);
            tally.Ran(outcome == Success);
        }

        tally.Close(files, files, accepted);
    }

    /// <summary>The file as text when it is armored.</summary>
    public byte[] Bytes() => _file.AsSpan().ToArray();

    /// <summary>The age file without its armor; false when that is not strict.</summary>
    public bool TryUnarmor(out Stream file)
    {
        file = new MemoryStream(_file);
        return !IsArmored || AgeArmor.TryOpen(file, out file!);
    }

    private static AgeTestkit ReadFile(string path)
    {
        var all = File.ReadAllBytes(path);
        var end = all.AsSpan().IndexOf("\n\n"u8);
        var keys = Encoding.UTF8.GetString(all.AsSpan(0, end)).Split('\n')
            .Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1]);
        var file = all[(end + 2)..];
        return new(Path.GetFileName(path), keys, keys["compressed"].Any() ? Inflate(file) : file);
    }

    private static byte[] Inflate(byte[] file)
    {
        using var plain = new MemoryStream();
        using var zlib = new ZLibStream(new MemoryStream(file), CompressionMode.Decompress);
        zlib.CopyTo(plain);
        return plain.ToArray();
    }

    private (byte[] Released, string Outcome) Open()
    {
        if (!TryUnarmor(out var file)) return ([], "armor failure");

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
            Assert.True(KeyIdentity.TryParse(text, out var identity), Name);
            yield return identity;
        }
    }
}
