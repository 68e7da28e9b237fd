using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;
using ReferralHub.Sealing.Envelopes;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Fuzz.Targets;

internal static class EnvelopeTargets
{
    /// <summary>The tar inside an envelope has one spelling, and only what its sender signed passes the checks.</summary>
    public static Target Tar()
    {
        byte[][] genuine =
        [
            Make(Part.Record, ("referral.json", """{"identity":{"name":"SYNTHETIC"},"documents":[{"path":"attachments/0001","name":"a","type":"b"}]}"""u8.ToArray()), ("attachments/0001", new byte[700])),
            Make(Part.Note, ("note.json", """{"text":"SYNTHETIC"}"""u8.ToArray())),
            Make(Part.Summary, ("summary.json", """{"service":"shelter","urgency":"standard","ageBand":"13-15","risk":"low","area":"north"}"""u8.ToArray()), ("consent.json", [])),
        ];
        return new("tar", genuine, input =>
        {
            if (!AgeReader.TryOpen(new MemoryStream(KnownKey.Seal(input)), [new KnownKey()], AgeLimits.Local, out var age, out _)) return false;
            using var opened = age;
            var scan = new EnvelopeScan(age);
            if (scan.Run() is not null) return false;
            OracleException.Same(WriteAgain(scan, input), input, "tar");
            foreach (var part in Enum.GetValues<Part>())
            {
                if (scan.Members is [var form, ..] && form.Path == EnvelopeLayout.FormPath(part) && EnvelopeCheck.All(scan, Expected(part), out _) is null)
                    OracleException.Require(genuine.Any(tar => input.AsSpan().SequenceEqual(tar)), "an envelope passes that its sender did not make");
            }

            return true;
        })
        {
            Words = [.. Seeds.Words("ustar\000", "attachments/0001", "attachments/0002", "statement.jws", "../x", "/etc/x"), new byte[512], new byte[1024]],
            Repair = Repair,
        };
    }

    public static InnerStatement Statement(IReadOnlyList<MemberDigest> members, Part part = Part.Record) => new()
    {
        Sender = Story.Police,
        SealedAt = Story.Start,
        Referral = Story.Id(3),
        Recipient = Story.Shelter,
        Part = part,
        Categories = part == Part.Record ? [Category.Identity, Category.Documents] : part == Part.Summary ? [Category.Summary] : [],
        Members = members,
    };

    private static EnvelopeExpectation Expected(Part part) => new()
    {
        File = new(part, default, 0),
        Sender = Story.Police,
        SenderKey = Seeds.Story.Key("north-police signing").VerifyingKey,
        Recipient = Story.Shelter,
        Referral = Story.Id(3),
        Categories = [.. Statement([], part).Categories.Clear()],
    };

    private static byte[] Make(Part part, params (string Path, byte[] Content)[] members)
    {
        var statement = Statement([.. members.Select(m => new MemberDigest(m.Path, m.Content.Length, Digest.Of(m.Content)))], part);
        var token = Encoding.ASCII.GetBytes(statement.Sign(Seeds.Story.Key("north-police signing")).Token);
        return Write([.. members, (EnvelopeLayout.StatementPath, token)]);
    }

    private static byte[] WriteAgain(EnvelopeScan scan, byte[] tar) => Write(
        [.. scan.Members.Zip(scan.Offsets, (m, at) => (m.Path, tar[(int)at..(int)(at + m.Size)])), (EnvelopeLayout.StatementPath, scan.Token)]);

    private static byte[] Write(IEnumerable<(string Path, byte[] Content)> members)
    {
        var tar = new List<byte>();
        foreach (var (path, content) in members)
        {
            var block = new byte[TarHeader.BlockBytes];
            TarHeader.Format(path, content.Length, block);
            tar.AddRange([.. block, .. content, .. new byte[TarHeader.Gap(content.Length)]]);
        }

        tar.AddRange(new byte[2 * TarHeader.BlockBytes]);
        tar.AddRange(new byte[(int)(Padme.EnvelopeLength(tar.Count) - tar.Count)]);
        return [.. tar];
    }

    // The length that padding gives, and the checksum of whatever looks like a header.
    private static byte[] Repair(byte[] input)
    {
        var tar = new byte[Padme.EnvelopeLength(input.Length)];
        input.CopyTo(tar, 0);
        for (var at = 0; at + TarHeader.BlockBytes <= tar.Length; at += TarHeader.BlockBytes)
        {
            var block = tar.AsSpan(at, TarHeader.BlockBytes);
            if (!block[257..262].SequenceEqual("ustar"u8)) continue;
            block[148..156].Fill((byte)' ');
            var sum = 0;
            foreach (var b in block) sum += b;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0", block[148..]);
        }

        return tar;
    }
}
