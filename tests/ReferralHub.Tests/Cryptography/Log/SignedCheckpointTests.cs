using System.Text;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class SignedCheckpointTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Checkpoint Five = new("hub.example/audit", 5, Naive.Leaf(5));

    private readonly SigningKey _key1 = Seeded.Key(1);
    private readonly SigningKey _key2 = Seeded.Key(2);
    private readonly NoteSigner _log;
    private readonly NoteSigner _cosigner;
    private readonly SignedCheckpoint _signed;

    public SignedCheckpointTests()
    {
        _log = new(Five.Origin, NoteKeyType.Log, _key1);
        _cosigner = new("hub.example/cosigner", NoteKeyType.Cosigner, _key2);
        _signed = SignedCheckpoint.Sign(Five, _log);
    }

    [Fact]
    public void Opens_with_the_logs_key()
    {
        Assert.True(Opens(_signed.Bytes, out var opened));
        Assert.Equal(Five, opened!.Checkpoint);
        Assert.Equal(_signed.Bytes.ToArray(), opened.Bytes.ToArray());
        Assert.Empty(opened.Cosignatures);
    }

    [Fact]
    public void Shows_the_cosignatures_of_known_cosigners()
    {
        var cosigned = _signed.Cosign(_cosigner, Noon.AddMilliseconds(700));
        Assert.Equal(new Cosignature(_cosigner.Key, Noon), Assert.Single(cosigned.Cosignatures));

        Assert.True(Opens(cosigned.Bytes, out var opened));
        Assert.Equal(cosigned.Cosignatures, opened!.Cosignatures);

        Assert.True(SignedCheckpoint.TryOpen(cosigned.Bytes.Span, _log.Key, [], out var unaware));
        Assert.Empty(unaware.Cosignatures);
        Assert.Equal(cosigned.Bytes.ToArray(), unaware.Bytes.ToArray());
    }

    [Fact]
    public void A_newer_cosignature_replaces_the_older_one()
    {
        using var key3 = Seeded.Key(3);
        var witness = new NoteSigner("witness.example", NoteKeyType.Cosigner, key3);
        var renewed = _signed.Cosign(_cosigner, Noon).Cosign(witness, Noon).Cosign(_cosigner, Noon.AddMinutes(10));

        Cosignature[] expected = [new(witness.Key, Noon), new(_cosigner.Key, Noon.AddMinutes(10))];
        Assert.Equal(expected, renewed.Cosignatures);
        Assert.True(SignedCheckpoint.TryOpen(renewed.Bytes.Span, _log.Key, [witness.Key, _cosigner.Key], out var opened));
        Assert.Equal(expected, opened.Cosignatures);
        Assert.Equal(3, Lines(renewed).Length);
    }

    [Fact]
    public void Every_changed_bit_of_the_text_or_the_logs_signature_is_refused()
    {
        var note = _signed.Bytes.ToArray();
        for (var bit = 0; bit < 8 * note.Length; bit++)
        {
            note[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Opens(note, out _));
            note[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_note_without_the_logs_signature_is_refused()
    {
        var cosigned = _signed.Cosign(_cosigner, Noon);
        Assert.False(Opens(Note(Lines(cosigned)[1]), out _));

        using var key9 = Seeded.Key(9);
        var rotated = new NoteSigner(Five.Origin, NoteKeyType.Log, key9);
        Assert.False(Opens(SignedCheckpoint.Sign(Five, rotated).Bytes, out _));
    }

    [Fact]
    public void Signatures_of_unknown_keys_are_ignored()
    {
        using var key9 = Seeded.Key(9);
        var rotated = Lines(SignedCheckpoint.Sign(Five, new(Five.Origin, NoteKeyType.Log, key9)))[0];
        var note = Note(rotated, "— elsewhere.example/é AAAAAQI=", Lines(_signed)[0], rotated);
        Assert.True(Opens(note, out var opened));
        Assert.Equal(note, opened!.Bytes.ToArray());
        Assert.Empty(opened.Cosignatures);
    }

    [Fact]
    public void A_bad_signature_of_a_known_key_refuses_the_note()
    {
        // Right name and id, but the signature of another text.
        var other = SignedCheckpoint.Sign(Five with { Size = 6 }, _log).Cosign(_cosigner, Noon);
        Assert.False(Opens(Note(Lines(other)[0]), out _));
        Assert.False(Opens(Note(Lines(_signed)[0], Lines(other)[1]), out _));
        Assert.True(SignedCheckpoint.TryOpen(Note(Lines(_signed)[0], Lines(other)[1]), _log.Key, [], out _));
    }

    [Fact]
    public void Two_signatures_of_a_known_key_refuse_the_note()
    {
        var log = Lines(_signed)[0];
        var (first, second) = (Lines(_signed.Cosign(_cosigner, Noon))[1], Lines(_signed.Cosign(_cosigner, Noon.AddHours(1)))[1]);
        Assert.True(Opens(Note(log, first), out _));
        Assert.False(Opens(Note(log, first, second), out _));
        Assert.False(Opens(Note(log, log), out _));
    }

    [Fact]
    public void The_time_of_a_cosignature_is_signed()
    {
        var line = Lines(_signed.Cosign(_cosigner, Noon))[1];
        var (name, value) = (line[..line.LastIndexOf(' ')], Convert.FromBase64String(line[(line.LastIndexOf(' ') + 1)..]));
        value[11] ^= 1;
        Assert.False(Opens(Note(Lines(_signed)[0], $"{name} {Convert.ToBase64String(value)}"), out _));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(253_402_300_799, true)]
    [InlineData(253_402_300_800, false)] // the year 10000
    [InlineData(-1, false)]              // as unsigned beyond 2^63 - 1
    public void A_time_beyond_the_calendar_refuses_the_note(long seconds, bool opens)
    {
        var time = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(time, seconds);
        byte[] message = [.. Encoding.ASCII.GetBytes($"cosignature/v1\ntime {seconds}\n"), .. Five.ToText()];
        var id = Convert.FromHexString(_cosigner.Key.Id.ToString("x8", null));
        byte[] value = [.. id, .. time, .. _key2.Sign(message)];
        var note = Note(Lines(_signed)[0], $"— {_cosigner.Key.Name} {Convert.ToBase64String(value)}");
        Assert.Equal(opens, Opens(note, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(71)]
    [InlineData(73)]
    public void A_cosignature_has_72_bytes(int length)
    {
        var line = Lines(_signed.Cosign(_cosigner, Noon))[1];
        var value = Convert.FromBase64String(line[(line.LastIndexOf(' ') + 1)..]);
        Array.Resize(ref value, 4 + length);
        Assert.False(Opens(Note(Lines(_signed)[0], $"— {_cosigner.Key.Name} {Convert.ToBase64String(value)}"), out _));
    }

    [Fact]
    public void The_origin_is_the_name_of_the_logs_key()
    {
        using var key = Seeded.Key(1);
        var other = Five with { Origin = "hub.example/directory" };
        Assert.Throws<ArgumentException>(() => SignedCheckpoint.Sign(other, _log));

        // The log signs the text of another log: the signature is good, the origin is not its name.
        byte[] value = [.. Convert.FromHexString(_log.Key.Id.ToString("x8", null)), .. key.Sign(other.ToText())];
        byte[] note = [.. other.ToText(), .. Encoding.UTF8.GetBytes($"\n— {_log.Key.Name} {Convert.ToBase64String(value)}\n")];
        Assert.False(Opens(note, out _));
    }

    [Fact]
    public void A_signed_text_that_is_no_checkpoint_is_refused()
    {
        var text = Encoding.ASCII.GetBytes($"{Five.Origin}\n5\n{Convert.ToBase64String(Five.Root.AsSpan())}\nextension\n");
        byte[] value = [.. Convert.FromHexString(_log.Key.Id.ToString("x8", null)), .. _key1.Sign(text)];
        Assert.False(Opens((byte[])[.. text, .. Encoding.UTF8.GetBytes($"\n— {_log.Key.Name} {Convert.ToBase64String(value)}\n")], out _));
    }

    [Fact]
    public void Logs_and_cosigners_do_not_stand_in_for_each_other()
    {
        Assert.Throws<ArgumentException>(() => SignedCheckpoint.Sign(Five, new(Five.Origin, NoteKeyType.Cosigner, _key1)));
        Assert.Throws<ArgumentException>(() => _signed.Cosign(_log, Noon));
        Assert.Throws<ArgumentException>(() => SignedCheckpoint.TryOpen(_signed.Bytes.Span, _cosigner.Key, [], out _));
        Assert.Throws<ArgumentException>(() => SignedCheckpoint.TryOpen(_signed.Bytes.Span, _log.Key, [_log.Key], out _));
    }

    [Fact]
    public void Cosigns_no_time_before_1970()
    {
        Assert.Single(_signed.Cosign(_cosigner, DateTimeOffset.UnixEpoch).Cosignatures);
        Assert.Throws<ArgumentException>(() => _signed.Cosign(_cosigner, DateTimeOffset.UnixEpoch.AddTicks(-1)));
    }

    [Fact]
    public void Bears_at_most_100_signatures()
    {
        var lines = Enumerable.Range(0, 99).Select(i => $"— witness{i}.example AAAAAQI=");
        Assert.True(Opens(Note([Lines(_signed)[0], .. lines]), out var full));
        Assert.Throws<InvalidOperationException>(() => full!.Cosign(_cosigner, Noon));
    }

    public void Dispose()
    {
        _key1.Dispose();
        _key2.Dispose();
    }

    private bool Opens(ReadOnlyMemory<byte> note, out SignedCheckpoint? opened) =>
        SignedCheckpoint.TryOpen(note.Span, _log.Key, [_cosigner.Key], out opened);

    private static byte[] Note(params string[] lines) =>
        [.. Five.ToText(), .. Encoding.UTF8.GetBytes("\n" + string.Concat(lines.Select(line => line + "\n")))];

    private static string[] Lines(SignedCheckpoint signed) =>
        Encoding.UTF8.GetString(signed.Bytes.Span).Split("\n\n")[1].TrimEnd('\n').Split('\n');
}
