using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Tests.Sealing.Age;

namespace ReferralHub.Tests.Sealing.Envelopes;

public sealed class EnvelopeRefusalTests : IDisposable
{
    private readonly EnvelopeKit _kit = new();

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void The_kits_own_envelope_is_accepted() => Assert.Null(_kit.Refusal(_kit.SealTar(_kit.Tar())));

    [Fact]
    public async Task Any_flipped_bit_is_refused_even_if_the_outer_statement_names_the_flipped_file()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record([1, 2, 3]));
        for (var at = 0; at < file.Length; at += at < 1700 ? 7 : 211)
        {
            var flipped = (byte[])file.Clone();
            flipped[at] ^= (byte)(1 << at % 8);
            Assert.NotNull(_kit.Refusal(flipped));
        }
    }

    [Fact]
    public async Task A_file_that_is_not_the_named_one_is_refused_before_it_is_opened()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record([1]));
        Assert.Equal(EnvelopeFault.FileDiffers, _kit.Refusal(file, e => e with { File = e.File with { Size = e.File.Size + 1 } }));
        Assert.Equal(EnvelopeFault.FileDiffers, _kit.Refusal(file, e => e with { File = e.File with { Sha256 = Digest.Of([1]) } }));
        Assert.Equal(EnvelopeFault.FileDiffers, _kit.Refusal([], e => e with { File = e.File with { Size = 1 } }));
    }

    [Fact]
    public async Task What_is_wrong_with_the_age_file_is_told_apart()
    {
        var (file, _) = await _kit.SealAsync(EnvelopeKit.Record([1]));
        var text = Encoding.Latin1.GetString(file);
        using var other = HybridIdentity.Create();

        Assert.Equal(EnvelopeFault.HeaderMalformed, _kit.Refusal([]));
        Assert.Equal(EnvelopeFault.HeaderMalformed, _kit.Refusal(Encoding.Latin1.GetBytes(text.Replace("\n--- ", "\r\n--- ", StringComparison.Ordinal))));
        Assert.Equal(EnvelopeFault.NotMine, _kit.Refusal(file, identity: other));
        var mac = text.IndexOf("\n--- ", StringComparison.Ordinal) + 5;
        byte[] forged = [.. file[..mac], file[mac] == 'A' ? (byte)'B' : (byte)'A', .. file[(mac + 1)..]];
        Assert.Equal(EnvelopeFault.HeaderForged, _kit.Refusal(forged));
        Assert.Equal(EnvelopeFault.PayloadDamaged, _kit.Refusal(file[..^1]));
        Assert.Equal(EnvelopeFault.PayloadDamaged, _kit.Refusal([.. file, 0]));
    }

    [Fact]
    public void Every_byte_of_a_tar_header_and_of_what_fills_its_block_has_one_value()
    {
        var tar = _kit.Tar();
        var form = 512 + EnvelopeKit.Form.Length;
        foreach (var at in Enumerable.Range(0, 512).Concat(Enumerable.Range(form, 1024 - form)))
        {
            var flipped = (byte[])tar.Clone();
            flipped[at] ^= 1;
            Assert.Equal(EnvelopeFault.TarMalformed, _kit.Refusal(_kit.SealTar(flipped)));
        }

        // The last byte before the two blocks that end the tar fills the inner statement's.
        var end = tar.Length - 1024 - 1;
        Assert.Equal(0, tar[end]);
        tar[end] = 1;
        Assert.Equal(EnvelopeFault.TarMalformed, _kit.Refusal(_kit.SealTar(tar)));
    }

    [Fact]
    public void Memory_is_taken_for_what_a_form_or_an_inner_statement_may_be_and_not_for_what_a_header_says()
    {
        var header = new byte[512];
        TarHeader.Format("statement.jws", TarHeader.MaxSize, header);
        Assert.Equal(EnvelopeFault.InnerStatementMalformed, _kit.Refusal(_kit.SealTar(header)));

        foreach (var (length, kept) in new[] { (SealedJson.MaxBytes, true), (SealedJson.MaxBytes + 1, false) })
        {
            var file = _kit.SealTar(EnvelopeKit.TarOf([1], ("referral.json", new byte[length])));
            Assert.True(AgeReader.TryOpen(new MemoryStream(file), [_kit.Recipient], AgeLimits.Wire, out var age, out _));
            using (age)
            {
                var scan = new EnvelopeScan(age);
                Assert.Null(scan.Run());
                Assert.Equal(kept, scan.Form is not null);
            }
        }

        var tar = _kit.Tar(members: [("referral.json", new byte[SealedJson.MaxBytes + 1])]);
        Assert.Equal(EnvelopeFault.ContentMismatch, _kit.Refusal(_kit.SealTar(tar)));
    }

    [Fact]
    public void A_file_that_more_than_one_could_open_is_refused()
    {
        using var other = HybridIdentity.Create();
        var padded = new byte[Padme.Least];
        _kit.Tar().CopyTo(padded, 0);
        var file = AgeFiles.Seal([new HybridRecipient(_kit.Recipient.PublicKey), new HybridRecipient(other.PublicKey)], padded);
        Assert.Equal(EnvelopeFault.HeaderMalformed, _kit.Refusal(file));
    }

    [Fact]
    public void A_part_has_the_members_of_its_kind_and_at_most_256()
    {
        string[] record = ["referral.json", .. Enumerable.Range(1, 256).Select(EnvelopeLayout.AttachmentPath)];
        Assert.True(EnvelopeLayout.Fits(Part.Record, record[..256]));
        Assert.False(EnvelopeLayout.Fits(Part.Record, record));
        Assert.True(EnvelopeLayout.Fits(Part.Summary, ["summary.json", "consent.json"]));
        Assert.False(EnvelopeLayout.Fits(Part.Summary, ["summary.json", "attachments/0001"]));
        Assert.False(EnvelopeLayout.Fits(Part.Summary, ["summary.json", "consent.json", "consent.json"]));
        foreach (var part in (Part[])[Part.Note, Part.Question, Part.Answer])
        {
            Assert.True(EnvelopeLayout.Fits(part, [EnvelopeLayout.FormPath(part)]));
            Assert.False(EnvelopeLayout.Fits(part, [EnvelopeLayout.FormPath(part), "attachments/0001"]));
        }
    }

    [Fact]
    public void A_form_may_list_its_attachments_in_any_order()
    {
        var form = EnvelopeKit.Utf8(
            """{"photos":[{"path":"attachments/0002","name":"b","type":"t"}],"documents":[{"path":"attachments/0001","name":"a","type":"t"}]}""");
        var tar = _kit.Tar(
            s => s with { Categories = [Category.Photos, Category.Documents] },
            members: [("referral.json", form), ("attachments/0001", [1]), ("attachments/0002", [2])]);
        Assert.Null(_kit.Refusal(_kit.SealTar(tar), e => e with { Categories = [ClearCategory.Photos, ClearCategory.Documents] }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no tar")]
    public void What_is_no_tar_is_refused(string content) =>
        Assert.Equal(EnvelopeFault.TarMalformed, _kit.Refusal(_kit.SealTar(EnvelopeKit.Utf8(content))));

    [Fact]
    public void A_tar_cut_at_any_block_is_refused()
    {
        var tar = _kit.Tar();
        for (var length = 0; length < tar.Length - 1024; length += 512)
        {
            Assert.NotNull(_kit.Refusal(_kit.SealTar(tar[..length])));
            Assert.NotNull(_kit.Refusal(_kit.SealTar(tar, length)));
        }
    }

    [Fact]
    public void Members_after_the_inner_statement_are_refused()
    {
        var more = EnvelopeKit.TarOf([1], ("attachments/0002", [1]));
        Assert.Equal(EnvelopeFault.TarMalformed, _kit.Refusal(_kit.SealTar([.. _kit.Tar()[..^1024], .. more])));
    }

    [Fact]
    public void Members_that_such_a_part_does_not_have_are_refused_even_if_signed()
    {
        foreach (var paths in (string[][])[
            ["attachments/0001", "referral.json"],
            ["referral.json", "attachments/0002"],
            ["referral.json", "attachments/0001", "attachments/0001"],
            ["referral.json", "../0001"],
            ["summary.json"]])
        {
            var tar = _kit.Tar(members: [.. paths.Select(p => (p, EnvelopeKit.Form))]);
            Assert.Equal(EnvelopeFault.TarMalformed, _kit.Refusal(_kit.SealTar(tar)));
        }
    }

    [Fact]
    public void More_members_than_an_inner_statement_can_list_are_refused()
    {
        var members = Enumerable.Range(1, 256).Select(i => (EnvelopeLayout.AttachmentPath(i), Array.Empty<byte>()));
        var tar = EnvelopeKit.TarOf([], [("referral.json", EnvelopeKit.Form), .. members]);
        Assert.Equal(EnvelopeFault.TarMalformed, _kit.Refusal(_kit.SealTar(tar)));
    }

    [Fact]
    public void As_many_members_as_are_allowed_fit_into_the_inner_statement()
    {
        var listed = string.Join(',', Enumerable.Range(1, 255).Select(i => $$"""{"path":"{{EnvelopeLayout.AttachmentPath(i)}}","name":"n","type":"t"}"""));
        var members = Enumerable.Range(1, 255).Select(i => (EnvelopeLayout.AttachmentPath(i), new byte[1]));
        var tar = _kit.Tar(members: [("referral.json", EnvelopeKit.Utf8($$"""{"identity":{},"documents":[{{listed}}]}""")), .. members]);
        Assert.Null(_kit.Refusal(_kit.SealTar(tar)));
    }

    [Fact]
    public void A_file_cut_between_two_chunks_is_refused_also_when_what_is_left_looks_whole()
    {
        var tar = _kit.Tar(members: EnvelopeKit.Record(new byte[60_000]));
        Assert.Equal(65536, Padme.EnvelopeLength(tar.Length));
        var longer = _kit.SealTar(tar, 65536 + 1);
        Assert.Equal(EnvelopeFault.PayloadDamaged, _kit.Refusal(longer[..^17]));
    }

    [Fact]
    public void Padding_that_is_not_zero_or_not_the_Padme_length_is_refused()
    {
        var tar = _kit.Tar();
        byte[] marked = [.. tar, .. new byte[Padme.EnvelopeLength(tar.Length) - tar.Length - 1], 1];
        Assert.Equal(EnvelopeFault.PaddingMalformed, _kit.Refusal(_kit.SealTar(marked)));
        Assert.Equal(EnvelopeFault.PaddingMalformed, _kit.Refusal(_kit.SealTar(tar, 16384 + 512)));
        Assert.Equal(EnvelopeFault.PaddingMalformed, _kit.Refusal(_kit.SealTar(tar, tar.Length)));
        Assert.Equal(EnvelopeFault.PaddingMalformed, _kit.Refusal(_kit.SealTar(tar, 16384 - 1)));
    }

    [Fact]
    public void An_envelope_that_somebody_passed_on_is_refused()
    {
        var file = _kit.SealTar(_kit.Tar());
        using var other = SigningKey.Import(Enumerable.Repeat((byte)9, 32).ToArray());
        var thief = AgencyId.Parse("thief");

        Assert.Equal(EnvelopeFault.InnerSenderDiffers, _kit.Refusal(file, e => e with { Sender = thief, SenderKey = other.VerifyingKey }));
        Assert.Equal(EnvelopeFault.NotAddressedToMe, _kit.Refusal(file, e => e with { Recipient = thief }));
        Assert.Equal(EnvelopeFault.InnerSignatureInvalid, _kit.Refusal(file, e => e with { SenderKey = other.VerifyingKey }));
        Assert.Equal(EnvelopeFault.InnerSignatureInvalid, _kit.Refusal(_kit.SealTar(_kit.Tar(signer: other))));
    }

    [Fact]
    public void An_envelope_of_another_referral_part_or_scope_is_refused()
    {
        var file = _kit.SealTar(_kit.Tar());
        Assert.Equal(EnvelopeFault.ReferralDiffers, _kit.Refusal(file, e => e with { Referral = Guid.CreateVersion7(EnvelopeKit.Noon) }));
        Assert.Equal(EnvelopeFault.PartDiffers, _kit.Refusal(file, e => e with { File = e.File with { Part = Part.Note } }));
        Assert.Equal(EnvelopeFault.CategoriesDiffer, _kit.Refusal(file, e => e with { Categories = [ClearCategory.Identity] }));
        Assert.Equal(EnvelopeFault.CategoriesDiffer, _kit.Refusal(file, e => e with { Categories = [.. e.Categories, ClearCategory.Photos] }));
    }

    [Fact]
    public void What_the_hub_calls_sensitive_stands_in_the_envelope_exactly()
    {
        var form = EnvelopeKit.Utf8("""{"health":{"needs":["injury"]}}""");
        var tar = _kit.Tar(s => s with { Categories = [Category.Health] }, members: [("referral.json", form)]);
        Assert.Null(_kit.Refusal(_kit.SealTar(tar), e => e with { Categories = [ClearCategory.Sensitive] }));
    }

    [Fact]
    public void An_inner_statement_that_is_not_one_is_refused()
    {
        string Payload(string part, string categories, string more = "") =>
            $$"""{"iss":"police-north","iat":"2026-01-05T12:00:00Z","ref":"{{_kit.Facts.Referral}}","to":"shelter","part":{{part}},"categories":{{categories}},"members":[]{{more}}}""";

        byte[] Token(string payload, string typ = "inner+jws") => EnvelopeKit.Utf8(Jws.Sign(_kit.Signer, typ, EnvelopeKit.Utf8(payload)).Token);

        // What is right but for its empty list of members comes through to the comparison with the members.
        Assert.Equal(EnvelopeFault.MembersDiffer, With(Token(Payload("\"record\"", "[]"))));
        byte[][] others =
        [
            [],
            EnvelopeKit.Utf8("a.b.c"),
            Token(Payload("\"record\"", "[]"), "referral+jws"),
            Token(Payload("\"record\"", "[]", ",\"more\":1")),
            Token(Payload("\"record\"", "[]", ",\"part\":\"note\"")),
            Token(Payload("null", "[]")),
            Token(Payload("\"everything\"", "[]")),
            Token(Payload("\"record\"", "[\"documents\",\"identity\"]")),
            Token(Payload("\"record\"", "[\"identity\",\"identity\"]")),
            Token(Payload("\"record\"", "[\"sensitive\"]")),
            Token("{}"),
        ];
        Assert.All(others, token => Assert.Equal(EnvelopeFault.InnerStatementMalformed, With(token)));

        var tooLong = EnvelopeKit.TarOf(new byte[Jws.MaxSize + 1], EnvelopeKit.Record([1]));
        Assert.Equal(EnvelopeFault.InnerStatementMalformed, _kit.Refusal(_kit.SealTar(tooLong)));

        EnvelopeFault? With(byte[] token) => _kit.Refusal(_kit.SealTar(EnvelopeKit.TarOf(token, EnvelopeKit.Record([1]))));
    }

    [Fact]
    public void Members_other_than_the_signed_ones_are_refused()
    {
        foreach (var alter in (Func<MemberDigest, MemberDigest>[])[
            m => m with { Size = m.Size + 1 }, m => m with { Sha256 = Digest.Of([]) }, m => m with { Path = "attachments/0002" }])
        {
            var tar = _kit.Tar(s => s with { Members = [s.Members[0], alter(s.Members[1])] });
            Assert.Equal(EnvelopeFault.MembersDiffer, _kit.Refusal(_kit.SealTar(tar)));
        }

        Assert.Equal(EnvelopeFault.MembersDiffer, _kit.Refusal(_kit.SealTar(_kit.Tar(s => s with { Members = [s.Members[0]] }))));
        Assert.Equal(EnvelopeFault.MembersDiffer, _kit.Refusal(_kit.SealTar(_kit.Tar(s => s with { Members = [.. s.Members, s.Members[1]] }))));
    }

    [Theory]
    [InlineData("""{"identity":{}}""")] // an attachment that the form does not list
    [InlineData("""{"documents":[{"path":"attachments/0001","name":"n","type":"t"},{"path":"attachments/0002","name":"n","type":"t"}]}""")]
    [InlineData("""{"documents":[{"path":"attachments/0001","name":"n","type":"t"},{"path":"attachments/0001","name":"n","type":"t"}]}""")]
    [InlineData("""{"health":{},"documents":[{"path":"attachments/0001","name":"n","type":"t"}]}""")] // outside the categories
    [InlineData("""{"photos":[{"path":"attachments/0001","name":"n","type":"t"}]}""")]
    [InlineData("""{"other":{},"documents":[{"path":"attachments/0001","name":"n","type":"t"}]}""")]
    [InlineData("""{"identity":1,"documents":[{"path":"attachments/0001","name":"n","type":"t"}]}""")]
    [InlineData("""{"identity":{},"identity":{},"documents":[{"path":"attachments/0001","name":"n","type":"t"}]}""")]
    [InlineData("""{"identity":{},"documents":[null]}""")]
    [InlineData("""{"identity":{},"documents":[{"path":null,"name":"n","type":"t"}]}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    public void A_form_outside_its_categories_or_of_another_shape_is_refused(string form)
    {
        var tar = _kit.Tar(members: [("referral.json", EnvelopeKit.Utf8(form)), ("attachments/0001", [1])]);
        Assert.Equal(EnvelopeFault.ContentMismatch, _kit.Refusal(_kit.SealTar(tar)));
    }

    [Fact]
    public void A_form_longer_than_any_form_is_refused()
    {
        var tar = _kit.Tar(members: [("referral.json", new byte[(1 << 20) + 1]), ("attachments/0001", [1])]);
        Assert.Equal(EnvelopeFault.ContentMismatch, _kit.Refusal(_kit.SealTar(tar)));
    }

    [Fact]
    public void A_summary_or_note_of_another_shape_is_refused()
    {
        using var summaries = new EnvelopeKit { Facts = _kit.Facts with { Part = Part.Summary, Categories = [Category.Summary] } };
        Assert.Null(summaries.Refusal(summaries.SealTar(summaries.Tar(members: [("summary.json", EnvelopeKit.Summary)]))));
        Assert.Equal(
            EnvelopeFault.ContentMismatch,
            summaries.Refusal(summaries.SealTar(summaries.Tar(members: [("summary.json", EnvelopeKit.Utf8("{}"))]))));

        using var notes = new EnvelopeKit { Facts = _kit.Facts with { Part = Part.Note, Categories = [] } };
        Assert.Null(notes.Refusal(notes.SealTar(notes.Tar(members: [("note.json", EnvelopeKit.Utf8("""{"text":"t"}"""))]))));
        Assert.Equal(
            EnvelopeFault.ContentMismatch,
            notes.Refusal(notes.SealTar(notes.Tar(members: [("note.json", EnvelopeKit.Utf8("""{"text":"t","name":"n"}"""))]))));
    }

    [Fact]
    public void What_a_referral_says_of_its_parts_is_what_their_envelopes_must_be()
    {
        var digest = Digest.Of([1]);
        var referral = new Referral
        {
            Issuer = _kit.Facts.Sender,
            IssuedAt = EnvelopeKit.Noon,
            Directory = new TreeHead(1, digest),
            AuditLog = new TreeHead(1, digest),
            ReferralId = _kit.Facts.Referral,
            To = _kit.Facts.Recipient,
            Case = CaseCode.Draw(),
            Service = ServiceFamily.Shelter,
            Urgency = Urgency.Standard,
            Purpose = Purpose.Protection,
            Basis = Basis.Consent,
            Consent = Guid.CreateVersion7(EnvelopeKit.Noon),
            Categories = [ClearCategory.Summary, ClearCategory.Identity, ClearCategory.Sensitive],
            Release = ReleaseRule.OnAcceptance,
            Expires = EnvelopeKit.Noon.AddDays(1),
            By = Handle.Parse("worker1"),
            Parts = [new SealedPart(Part.Summary, digest, 1), new SealedPart(Part.Record, Digest.Of([2]), 2)],
        };

        var record = EnvelopeExpectation.Of(referral, Part.Record, _kit.Signer.VerifyingKey);
        Assert.Equal((referral.Parts[1], referral.Issuer, referral.To, referral.ReferralId), (record.File, record.Sender, record.Recipient, record.Referral));
        Assert.Equal([ClearCategory.Identity, ClearCategory.Sensitive], record.Categories);
        Assert.Equal([ClearCategory.Summary], EnvelopeExpectation.Of(referral, Part.Summary, _kit.Signer.VerifyingKey).Categories);
        Assert.Throws<ArgumentException>(() => EnvelopeExpectation.Of(referral, Part.Note, _kit.Signer.VerifyingKey));
    }
}
