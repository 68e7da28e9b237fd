using System.Text;
using ReferralHub.Cryptography.Age;

namespace ReferralHub.Tests.Cryptography.Age;

public sealed class AgeHeaderTests
{
    private const string Mac = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static readonly string FullLine = new('A', 64);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(47)]
    [InlineData(48)] // fills its line, so an empty one follows
    [InlineData(49)]
    [InlineData(96)]
    public void What_is_written_reads_back_whatever_the_body(int body)
    {
        var header = new AgeHeader([new AgeStanza("mlkem768x25519", ["a", "b"], Enumerable.Repeat((byte)0xA5, body).ToArray())], new byte[32]);
        byte[] file = [.. header.ToBytes(), 1, 2, 3];

        Assert.True(AgeHeader.TryParse(file, out var read, out var consumed));
        Assert.Equal(file.Length - 3, consumed);
        Assert.Equal(header.ToBytes(), read.ToBytes());
        Assert.Equal(["a", "b"], read.Stanzas.Single().Args);
        Assert.Equal(body, read.Stanzas.Single().Body.Length);
    }

    [Fact]
    public void The_MAC_covers_everything_up_to_the_dashes()
    {
        var header = new AgeHeader([new AgeStanza("t", [], default)], new byte[32]);
        Assert.Equal("age-encryption.org/v1\n-> t\n\n---", Encoding.ASCII.GetString(header.MacInput()));
        Assert.Equal($"age-encryption.org/v1\n-> t\n\n--- {Mac}\n", Encoding.ASCII.GetString(header.ToBytes()));
    }

    [Fact]
    public void Every_cut_asks_for_more()
    {
        var whole = File($"-> t a\n{FullLine}\nAA\n--- {Mac}\n");
        for (var length = 0; length < whole.Length; length++)
            Assert.Equal(AgeHeaderStatus.Incomplete, AgeHeader.Read(whole.AsSpan(0, length), AgeLimits.Wire, out _, out _));
        Assert.Equal(AgeHeaderStatus.Complete, AgeHeader.Read(whole, AgeLimits.Wire, out _, out _));
    }

    [Theory]
    [InlineData("-> t\n\n--- {mac}\r\n")]
    [InlineData("-> t\r\n\n--- {mac}\n")]
    [InlineData("-> t\n\r\n--- {mac}\n")]
    [InlineData("-> t \n\n--- {mac}\n")] // empty argument
    [InlineData("-> t  a\n\n--- {mac}\n")]
    [InlineData("->  t\n\n--- {mac}\n")]
    [InlineData("-> \n\n--- {mac}\n")]
    [InlineData("->\n\n--- {mac}\n")]
    [InlineData("-> t\ta\n\n--- {mac}\n")]
    [InlineData("-> t \u00e9\n\n--- {mac}\n")]
    [InlineData("-- t\n\n--- {mac}\n")]
    [InlineData("-> t\n--- {mac}\n")] // no body
    [InlineData("-> t\n{full}\n--- {mac}\n")] // no short last line
    [InlineData("-> t\n{full}A\n\n--- {mac}\n")] // too long
    [InlineData("-> t\n{full}AAAA\n--- {mac}\n")] // too long, though it is base64
    [InlineData("-> t\nAA\nAA\n--- {mac}\n")] // two short lines
    [InlineData("-> t\nAB\n--- {mac}\n")] // tail bits
    [InlineData("-> t\nAA==\n--- {mac}\n")] // padded
    [InlineData("-> t\nA A\n--- {mac}\n")]
    [InlineData("-> t\nA\n--- {mac}\n")] // no whole byte
    [InlineData("--- {mac}\n")] // no stanza
    [InlineData("-> t\n\n---{mac}\n")]
    [InlineData("-> t\n\n---  {mac}\n")]
    [InlineData("-> t\n\n--- {mac}A\n")]
    [InlineData("-> t\n\n--- {mac}=\n")]
    [InlineData("-> t\n\n--- AA\n")] // short MAC
    [InlineData("-> t\n\n---\n")]
    [InlineData("-> t\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n")] // tail bits of the MAC
    public void Refuses_what_is_not_canonical(string rest) =>
        Assert.Equal(AgeHeaderStatus.Malformed, AgeHeader.Read(
            File(rest.Replace("{mac}", Mac, StringComparison.Ordinal).Replace("{full}", FullLine, StringComparison.Ordinal)),
            AgeLimits.Local,
            out _,
            out _));

    [Theory]
    [InlineData("age-encryption.org/v2\n")]
    [InlineData("age-encryption.org/v1\r\n")]
    [InlineData("-----BEGIN AGE ENCRYPTED FILE-----\n")]
    [InlineData("x")]
    public void Refuses_another_kind_of_file_at_its_first_bytes(string start) =>
        Assert.Equal(AgeHeaderStatus.Malformed, AgeHeader.Read(Encoding.ASCII.GetBytes(start), AgeLimits.Wire, out _, out _));

    [Fact]
    public void The_wire_allows_one_stanza_of_sixteen_arguments_in_128_KiB()
    {
        var two = File($"-> t\n\n-> t\n\n--- {Mac}\n");
        Assert.Equal(AgeHeaderStatus.Malformed, AgeHeader.Read(two, AgeLimits.Wire, out _, out _));
        Assert.Equal(AgeHeaderStatus.Complete, AgeHeader.Read(two, AgeLimits.Local, out _, out _));

        string Arguments(int count) => $"-> t{string.Concat(Enumerable.Repeat(" a", count))}\n\n--- {Mac}\n";
        Assert.Equal(AgeHeaderStatus.Complete, AgeHeader.Read(File(Arguments(16)), AgeLimits.Wire, out _, out _));
        Assert.Equal(AgeHeaderStatus.Malformed, AgeHeader.Read(File(Arguments(17)), AgeLimits.Wire, out _, out _));

        byte[] Long(int length)
        {
            var rest = $"\n\n--- {Mac}\n";
            return File($"-> t {new string('a', length - File("-> t ").Length - rest.Length)}{rest}");
        }

        Assert.Equal(AgeHeaderStatus.Complete, AgeHeader.Read(Long(128 * 1024), AgeLimits.Wire, out _, out _));
        Assert.Equal(AgeHeaderStatus.Malformed, AgeHeader.Read(Long(128 * 1024 + 1), AgeLimits.Wire, out _, out _));
        Assert.Equal(AgeHeaderStatus.Incomplete, AgeHeader.Read(Long(128 * 1024).AsSpan(..^1), AgeLimits.Wire, out _, out _));
    }

    [Theory]
    [InlineData("mlkem768x25519", true)]
    [InlineData("MLKEM768X25519", false)]
    [InlineData("X25519", true)]
    [InlineData("scrypt", false)]
    [InlineData("x25519", false)]
    public void Only_a_hybrid_stanza_passes_as_a_sealed_part(string type, bool passes) =>
        Assert.Equal(passes, AgeHeader.TryParse(File($"-> {type} a\n\n--- {Mac}\n"), out _, out _));

    private static byte[] File(string rest) => Encoding.UTF8.GetBytes("age-encryption.org/v1\n" + rest);
}
