using System.Formats.Tar;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Tests.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Envelopes;

public sealed class EnvelopeTests : IDisposable
{
    private readonly EnvelopeKit _kit = new();

    public void Dispose() => _kit.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData((1 << 20) + 3)]
    public async Task What_was_sealed_opens_whatever_the_size_of_an_attachment(int size)
    {
        var attachment = AgeFiles.Pattern(size);
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record(attachment));
        using var envelope = _kit.Open(file);

        Assert.Equal(EnvelopeKit.Form, envelope.Read("referral.json", 1 << 20));
        Assert.Equal(attachment, envelope.Read("attachments/0001", 1 << 21));
        Assert.Equal(EnvelopeKit.Form, envelope.Read("referral.json", 1 << 20)); // in any order, again
        Assert.Equal(new MemberDigest("attachments/0001", size, Digest.Of(attachment)), envelope.Members[1]);
    }

    [Fact]
    public async Task A_summary_with_its_consent_and_a_note_open_too()
    {
        using var summaries = new EnvelopeKit { Facts = _kit.Facts with { Part = Part.Summary, Categories = [Category.Summary] } };
        var (file, _) = await summaries.SealAsync(("summary.json", EnvelopeKit.Summary), ("consent.json", [1, 2]));
        using var summary = summaries.Open(file);
        Assert.Equal([1, 2], summary.Read("consent.json", 2));

        using var notes = new EnvelopeKit { Facts = _kit.Facts with { Part = Part.Note, Categories = [] } };
        (file, _) = await notes.SealAsync(("note.json", EnvelopeKit.Utf8("""{"text":"تم \"ok\""}""")));
        using var note = notes.Open(file);
        Assert.Equal(Part.Note, note.Statement.Part);
    }

    [Fact]
    public async Task Sealing_returns_the_size_and_digest_of_the_file()
    {
        var (file, part) = await _kit.SealAsync(EnvelopeKit.Record([1]));
        Assert.Equal((Part.Record, Digest.Of(file), file.Length), (part.Part, part.Sha256, part.Size));
    }

    [Fact]
    public async Task The_inner_statement_is_the_last_member_and_the_senders_token()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record([1]));
        using var envelope = _kit.Open(file);
        Assert.True(Jws.TryParse(envelope.Token, out var token));
        Assert.True(token.IsSignedBy(_kit.Signer.VerifyingKey));
        Assert.Equal(
            ["referral.json", "attachments/0001", "statement.jws"],
            Entries(file).Select(e => e.Name));
    }

    [Fact]
    public async Task Another_tar_reader_reads_it_and_learns_nothing_but_paths_and_sizes()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record(AgeFiles.Pattern(1000)));
        foreach (var entry in Entries(file))
        {
            Assert.Equal(TarEntryFormat.Ustar, entry.Format);
            Assert.Equal(TarEntryType.RegularFile, entry.EntryType);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, entry.Mode);
            Assert.Equal((0, 0, DateTimeOffset.UnixEpoch), (entry.Uid, entry.Gid, entry.ModificationTime));
            Assert.Equal(("", ""), (((UstarTarEntry)entry).UserName, ((UstarTarEntry)entry).GroupName));
        }

        Assert.Equal(AgeFiles.Pattern(1000), Entries(file)[1].DataStream is MemoryStream content ? content.ToArray() : []);
    }

    [Theory]
    [InlineData(0, 16384)]
    [InlineData(11_000, 16384)]
    [InlineData(100_000, 104_448)] // 100,000 in whole blocks, 3 headers, form, token and end: 104,448 is the next Padmé length
    public async Task Envelopes_of_similar_size_have_one_size(int attachment, int expected) =>
        Assert.Equal(expected, Payload((await _kit.SealAsync(EnvelopeKit.Record(new byte[attachment]))).File).Length);

    [Fact]
    public async Task A_copy_for_oneself_is_sealed_the_same_way()
    {
        using var own = HybridIdentity.Create();
        using var file = new MemoryStream();
        await Envelope.SealAsync(
            file, own.PublicKey, _kit.Signer, _kit.Facts, [.. EnvelopeKit.Record([7]).Select(m => EnvelopeMember.Of(m.Path, m.Content))], TestContext.Current.CancellationToken);

        Assert.Null(_kit.Refusal(file.ToArray(), identity: own));
        Assert.Equal(EnvelopeFault.NotMine, _kit.Refusal(file.ToArray()));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_content_of_another_length_than_said_is_refused(int said) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => SealAsync(
            EnvelopeMember.Of("referral.json", EnvelopeKit.Form),
            new EnvelopeMember("attachments/0001", said, () => new MemoryStream([1, 2, 3]))));

    [Fact]
    public async Task Members_that_are_not_the_parts_are_the_callers_mistake()
    {
        foreach (var paths in (string[][])[[], ["summary.json"], ["attachments/0001"], ["referral.json", "attachments/0002"], ["referral.json", "consent.json"]])
            await Assert.ThrowsAsync<ArgumentException>(() => SealAsync([.. paths.Select(p => EnvelopeMember.Of(p, []))]));
        foreach (var size in (long[])[-1, 1L << 33])
            await Assert.ThrowsAsync<ArgumentException>("members", () => SealAsync(new EnvelopeMember("referral.json", size, () => Stream.Null)));
    }

    [Fact]
    public async Task A_content_that_does_not_end_is_not_read_on()
    {
        using var endless = new Endless();
        await Assert.ThrowsAsync<InvalidDataException>(() => SealAsync(new EnvelopeMember("referral.json", 3, () => endless)));
        Assert.Equal(1, endless.Reads);
    }

    [Fact]
    public async Task Categories_out_of_order_or_twice_are_the_callers_mistake()
    {
        foreach (var categories in (Category[][])[[Category.Documents, Category.Identity], [Category.Identity, Category.Identity]])
        {
            using var kit = new EnvelopeKit { Facts = _kit.Facts with { Categories = categories } };
            await Assert.ThrowsAsync<ArgumentException>(() => kit.SealAsync(EnvelopeKit.Record([])));
        }
    }

    [Fact]
    public async Task Opening_a_member_closes_the_one_before()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record([1, 2, 3]));
        using var envelope = _kit.Open(file);
        using var first = envelope.Open("referral.json");
        using var second = envelope.Open("attachments/0001");
        Assert.Throws<ObjectDisposedException>(() => first.ReadByte());
        Assert.Equal(1, second.ReadByte());
        envelope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => second.ReadByte());
    }

    [Fact]
    public async Task A_member_that_is_not_there_or_too_long_is_the_callers_mistake()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record([1, 2, 3]));
        using var envelope = _kit.Open(file);
        Assert.Throws<ArgumentException>(() => envelope.Open("attachments/0002"));
        Assert.Throws<ArgumentException>(() => envelope.Open("statement.jws"));
        Assert.Throws<ArgumentException>(() => envelope.Read("attachments/0001", 2));
    }

    [Fact]
    public async Task A_file_changed_after_it_was_verified_is_noticed_when_a_member_is_read()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record(AgeFiles.Pattern(200_000)));
        using var envelope = _kit.Open(file);
        using var attachment = envelope.Open("attachments/0001");
        file[^20] ^= 1; // the kit opens the array in place
        var first = new byte[100_000];
        attachment.ReadExactly(first);
        Assert.Equal(AgeFiles.Pattern(200_000)[..100_000], first);
        Assert.Throws<IOException>(() => attachment.ReadExactly(new byte[100_000]));
    }

    [Fact]
    public async Task A_file_changed_where_a_member_begins_is_noticed_when_that_is_opened()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record(AgeFiles.Pattern(10)));
        using var envelope = _kit.Open(file);
        file[^20] ^= 1;
        Assert.Throws<IOException>(() => envelope.Open("referral.json"));
    }

    [Fact]
    public async Task A_file_changed_by_who_sealed_it_is_noticed_too()
    {
        var fileKey = new byte[FileKey.Bytes];
        var stanza = AgeRecipient.Of(_kit.Recipient.PublicKey).Wrap(fileKey);
        var (file, other) = (Forged([1, 2, 3]), Forged([1, 2, 4]));
        using var envelope = _kit.Open(file);
        other.CopyTo(file, 0);
        await using var attachment = envelope.Open("attachments/0001");
        Assert.Throws<IOException>(() => attachment.ReadExactly(new byte[3]));

        byte[] Forged(byte[] content)
        {
            var padded = new byte[Padme.Least];
            _kit.Tar(members: EnvelopeKit.Record(content)).CopyTo(padded, 0);
            return ForgedFile.Of([stanza], fileKey, (padded, true));
        }
    }

    [Fact]
    public async Task Reading_a_member_can_be_cancelled()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record([1]));
        using var envelope = _kit.Open(file);
        await using var attachment = envelope.Open("attachments/0001");
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await attachment.ReadExactlyAsync(new byte[1], new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Members_stream_asynchronously_too()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record(AgeFiles.Pattern(200_000)));
        using var envelope = _kit.Open(file);
        await using var attachment = envelope.Open("attachments/0001");
        using var copy = new MemoryStream();
        await attachment.CopyToAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal(AgeFiles.Pattern(200_000), copy.ToArray());
    }

    private sealed class Endless : Stream
    {
        public int Reads { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => ++Reads < 99 ? count : throw new InvalidOperationException("It was read on and on.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private Task<SealedPart> SealAsync(params EnvelopeMember[] members) => Envelope.SealAsync(
        Stream.Null, _kit.Recipient.PublicKey, _kit.Signer, _kit.Facts, members, TestContext.Current.CancellationToken);

    private byte[] Payload(byte[] file)
    {
        var (payload, fault) = AgeFiles.Open(file, AgeLimits.Wire, 65536, _kit.Recipient);
        Assert.Null(fault);
        return payload;
    }

    private List<TarEntry> Entries(byte[] file)
    {
        var entries = new List<TarEntry>();
        using var reader = new TarReader(new MemoryStream(Payload(file)));
        while (reader.GetNextEntry(copyData: true) is { } entry) entries.Add(entry);
        return entries;
    }
}
