using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Hub;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Parts;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Hub.Parts;

public sealed class UploadPartTests
{
    private static readonly Caller Police = new(AgencyId.Parse("police-north"));
    private static readonly Caller Shelter = new(AgencyId.Parse("shelter-east"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2_000)]
    [InlineData(65_536)]
    [InlineData(3_000_001)]
    public async Task What_was_uploaded_is_what_is_read(int size)
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(size);

        Assert.IsType<NoContent>(await Put(hub, Police, part, 0, size));

        Assert.Equal(part, await Read(hub, part));
        Assert.Equal(204, (await Head(hub, Police, part)).Status);
        Assert.Equal(size, (await Head(hub, Police, part)).Held);
        Assert.Empty(System.IO.Directory.EnumerateFiles(hub.Data.Spool, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_upload_continues_where_it_stopped()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(200_000);

        Assert.IsType<Accepted>(await Put(hub, Police, part, 0, 70_000));
        var held = (await Head(hub, Police, part)).Held;
        Assert.InRange(held, 1, 70_000);
        Assert.IsType<Accepted>(await Put(hub, Police, part, (int)held, 150_000));
        Assert.IsType<NoContent>(await Put(hub, Police, part, 150_000, 200_000));

        Assert.Equal(part, await Read(hub, part));
    }

    [Fact]
    public async Task An_upload_whose_end_came_but_was_not_stored_is_finished_by_sending_the_end_again()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(200_000);
        Directory.CreateDirectory(Path.Combine(hub.Data.Spool, "police-north"));
        await File.WriteAllBytesAsync(Path.Combine(hub.Data.Spool, "police-north", Digest.Of(part).ToString()), part, Ct);

        var held = (await Head(hub, Police, part)).Held;
        Assert.InRange(held, 0, part.Length - 1);
        Assert.IsType<NoContent>(await Put(hub, Police, part, (int)held, part.Length));

        Assert.Equal(part, await Read(hub, part));
    }

    [Fact]
    public async Task A_copy_into_the_database_that_a_crash_cut_short_is_invisible_and_is_finished_by_the_next()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(3_000_000);
        Assert.IsType<NoContent>(await Put(hub, Police, part, 0, part.Length));
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE parts SET whole = false", Ct));
        await hub.Use(db => db.Database.ExecuteSqlAsync($"DELETE FROM part_rows WHERE number > 20", Ct));

        Assert.Equal(404, (await Head(hub, Police, part)).Status);
        Assert.IsType<NoContent>(await Put(hub, Police, part, 0, part.Length));

        Assert.Equal(part, await Read(hub, part));
    }

    [Fact]
    public async Task A_gap_is_refused_and_the_answer_says_where_to_go_on()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(100_000);
        Assert.IsType<Accepted>(await Put(hub, Police, part, 0, 40_000));

        var http = Request(part, 50_000, 60_000);
        Refused(Refusal.WrongOffset, await Put(hub, Police, part, http));

        Assert.Equal("40000", http.Response.Headers["Upload-Offset"]);
    }

    [Fact]
    public async Task Bytes_with_another_digest_are_refused_and_not_kept()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(100_000);
        var flipped = part.ToArray();
        flipped[^1] ^= 1;

        Refused(Refusal.WrongDigest, await Put(hub, Police, part, Request(flipped, 0, flipped.Length)));

        Assert.Equal(404, (await Head(hub, Police, part)).Status);
        Assert.Equal(0, await hub.Use(db => db.Set<PartRow>().CountAsync(Ct)));
    }

    [Fact]
    public async Task A_part_is_an_age_file_with_exactly_one_stanza_of_an_agencys_key()
    {
        await using var hub = await TestHub.Start();
        var stanza = HybridStanza();
        foreach (var header in new[]
                 {
                     Header(stanza, stanza),
                     Header(stanza, new AgeStanza("X25519", ["AAAA"], new byte[32])),
                     Header(new AgeStanza("scrypt", ["AAAAAAAAAAAAAAAAAAAAAA", "10"], new byte[32])),
                     "no age file\n"u8.ToArray(),
                 })
        {
            byte[] part = [.. header, .. new byte[5_000]];
            Refused(Refusal.NotSealed, await Put(hub, Police, part, Request(part, 0, part.Length)));
        }
    }

    [Fact]
    public async Task A_part_above_32_MiB_is_refused_before_its_first_byte()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        var http = Request(part, 0, part.Length);
        http.Request.Headers.ContentRange = $"bytes 0-4999/{(32 << 20) + 1}";

        Refused(Refusal.TooLarge, await Put(hub, Police, part, http));
        Assert.Equal(404, (await Head(hub, Police, part)).Status);
    }

    [Theory]
    [InlineData("bytes 0-4999/*")]
    [InlineData("bytes 4999-0/5000")]
    [InlineData("bytes 0-5000/5000")]
    [InlineData("lines 0-4999/5000")]
    [InlineData("bytes 0-99/5000")]
    [InlineData("x")]
    public async Task A_range_that_does_not_fit_is_malformed(string range)
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        var http = Request(part, 0, part.Length);
        http.Request.Headers.ContentRange = range;

        Refused(Refusal.Malformed, await Put(hub, Police, part, http));
    }

    [Fact]
    public async Task More_bytes_than_announced_are_refused_also_without_a_length()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        var http = Request(part, 0, part.Length);
        http.Request.Headers.ContentRange = "bytes 0-99/5000";
        http.Request.ContentLength = null;

        Refused(Refusal.Malformed, await Put(hub, Police, part, http));
    }

    [Fact]
    public async Task Nobody_sees_or_claims_the_part_of_another_agency()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        Assert.IsType<NoContent>(await Put(hub, Police, part, 0, part.Length));

        Assert.Equal(404, (await Head(hub, Shelter, part)).Status);
        Assert.Equal(PartClaim.Missing, await Claim(hub, Shelter, part, part.Length, Guid.CreateVersion7(hub.Clock.Now)));
    }

    [Fact]
    public async Task A_part_is_claimed_by_one_referral_with_its_true_size()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        Assert.IsType<NoContent>(await Put(hub, Police, part, 0, part.Length));
        var (one, other) = (Guid.CreateVersion7(hub.Clock.Now), Guid.CreateVersion7(hub.Clock.Now));

        Assert.Equal(PartClaim.SizeDiffers, await Claim(hub, Police, part, part.Length + 1, one));
        Assert.Equal(PartClaim.Claimed, await Claim(hub, Police, part, part.Length, one));
        Assert.Equal(PartClaim.Taken, await Claim(hub, Police, part, part.Length, one));
        Assert.Equal(PartClaim.Taken, await Claim(hub, Police, part, part.Length, other));
    }

    [Fact]
    public async Task Uploads_at_once_of_one_part_store_it_once()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(300_000);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Put(hub, Police, part, Request(part, 0, part.Length)), Ct)));

        Assert.Contains(answers, answer => answer is NoContent);
        Assert.All(answers.OfType<ProblemHttpResult>(), problem => Assert.Equal(Refusal.UploadUnderWay.Urned(), problem.ProblemDetails.Type));
        Assert.Equal(part, await Read(hub, part));
    }

    [Fact]
    public async Task An_upload_that_ends_fails_none_that_begins()
    {
        await using var hub = await TestHub.Start();
        var parts = Enumerable.Range(0, 8).Select(i => Digest.Of([(byte)i]));

        // Each of them looks at the files of the others, which go meanwhile.
        await Parallel.ForEachAsync(parts, Ct, (part, _) =>
        {
            for (var i = 0; i < 500; i++)
            {
                Assert.Null(hub.Uploads.TryOpen(Police.Agency, part, total: 1000, new Dictionary<Digest, long>(), out var spool));
                using (spool!) spool!.End();
            }

            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public async Task What_nobody_claims_within_a_day_is_swept_and_what_is_claimed_stays()
    {
        await using var hub = await TestHub.Start();
        var (lost, kept, begun) = (Sealed(3_000_000), Sealed(5_000), Sealed(5_000));
        await Put(hub, Police, lost, 0, lost.Length);
        await Put(hub, Police, kept, 0, kept.Length);
        await Put(hub, Police, begun, 0, 100);
        await Claim(hub, Police, kept, kept.Length, Guid.CreateVersion7(hub.Clock.Now));

        hub.Clock.Now += TimeSpan.FromHours(23);
        Assert.Equal(0, await Sweep(hub));
        // The spool is judged by the file's own time, which is the machine's.
        foreach (var file in new DirectoryInfo(hub.Data.Spool).EnumerateFiles("*", SearchOption.AllDirectories))
            file.LastWriteTimeUtc = hub.Clock.Now.AddHours(-23).UtcDateTime;
        hub.Clock.Now += TimeSpan.FromHours(2);
        Assert.Equal(1, await Sweep(hub));

        Assert.Equal(404, (await Head(hub, Police, lost)).Status);
        Assert.Equal(404, (await Head(hub, Police, begun)).Status);
        Assert.Equal(kept, await Read(hub, kept));
        Assert.Equal(1, await hub.Use(db => db.Set<PartRow>().CountAsync(Ct)));
    }

    [Fact]
    public async Task What_is_erased_leaves_no_byte_in_database_or_journal()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(3_000_000);
        await Put(hub, Police, part, 0, part.Length);
        var referral = Guid.CreateVersion7(hub.Clock.Now);
        await Claim(hub, Police, part, part.Length, referral);
        Assert.True(Holds(hub, part.AsSpan(2_000_000, 32)));

        hub.Clock.Now += TimeSpan.FromDays(59);
        Assert.Equal(0, await Sweep(hub));
        hub.Clock.Now += TimeSpan.FromDays(1);
        Assert.Equal(1, await Sweep(hub));

        for (var at = 5_000; at < part.Length; at += 100_000) Assert.False(Holds(hub, part.AsSpan(at, 32)));
        Assert.False((await hub.Use(db => SealedParts.Find(db, referral, Digest.Of(part), Ct)))!.Whole);
        Assert.Equal(0, await Sweep(hub));
        Refused(Refusal.PartErased, await Put(hub, Police, part, Request(part, 0, part.Length)));
        var last = await hub.Use(db => db.Set<AuditRecord>().AsNoTracking().OrderBy(r => r.Id).LastAsync(Ct));
        Assert.True(AuditEvent.TryRead(last.Event, out var told));
        Assert.Equal((AuditEventCode.PartErased, referral, Part.Summary, Digest.Of(part)), (told.Event, told.Referral, told.Part, told.Sha256));
    }

    [Fact]
    public async Task An_agency_keeps_at_most_256_unclaimed_parts()
    {
        await using var hub = await TestHub.Start();
        var stored = Enumerable.Range(0, 200).ToDictionary(i => Digest.Of(BitConverter.GetBytes(i)), _ => 1L);
        var open = new List<Spool>();
        for (var i = 200; i < 256; i++)
        {
            Assert.Null(hub.Uploads.TryOpen(Police.Agency, Digest.Of(BitConverter.GetBytes(i)), 1, stored, out var spool));
            if (i % 2 == 0) open.Add(spool!);
            else spool!.Dispose(); // what was begun counts like what is under way
        }

        Assert.Equal(Refusal.TooMuchUnclaimed, hub.Uploads.TryOpen(Police.Agency, Digest.Of("one"u8), 1, stored, out _));
        Assert.Null(hub.Uploads.TryOpen(Shelter.Agency, Digest.Of("one"u8), 1, stored, out var others));
        Assert.Null(hub.Uploads.TryOpen(Police.Agency, stored.Keys.First(), 1, stored, out var again));
        open.AddRange(others!, again!);
        open.ForEach(spool => spool.Dispose());
    }

    [Fact]
    public async Task An_agency_keeps_at_most_2_GiB_unclaimed_and_what_is_announced_counts()
    {
        await using var hub = await TestHub.Start();
        var stored = Enumerable.Range(0, 62).ToDictionary(i => Digest.Of(BitConverter.GetBytes(i)), _ => 32L << 20);
        Assert.Null(hub.Uploads.TryOpen(Police.Agency, Digest.Of("one"u8), 32 << 20, stored, out var one));
        Assert.Null(hub.Uploads.TryOpen(Police.Agency, Digest.Of("two"u8), 32 << 20, stored, out var two));

        Assert.Equal(Refusal.TooMuchUnclaimed, hub.Uploads.TryOpen(Police.Agency, Digest.Of("three"u8), 1, stored, out _));
        one!.Dispose();
        Assert.Null(hub.Uploads.TryOpen(Police.Agency, Digest.Of("three"u8), 1, stored, out var three));

        two!.Dispose();
        three!.Dispose();
    }

    [Fact]
    public async Task What_is_stored_and_unclaimed_counts_until_it_is_claimed()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        await Put(hub, Police, part, 0, part.Length);
        Assert.Equal([new(Digest.Of(part), 5_000)], await hub.Use(db => SealedParts.Unclaimed(db, Police.Agency, Ct)));
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE parts SET size = {Limits.UnclaimedBytes}", Ct));

        var next = Sealed(5_000);
        Refused(Refusal.TooMuchUnclaimed, await Put(hub, Police, next, Request(next, 0, next.Length)));
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE parts SET size = 5000", Ct));
        await Claim(hub, Police, part, part.Length, Guid.CreateVersion7(hub.Clock.Now));

        Assert.Empty(await hub.Use(db => SealedParts.Unclaimed(db, Police.Agency, Ct)));
        Assert.IsType<NoContent>(await Put(hub, Police, next, 0, next.Length));
    }

    [Fact]
    public async Task An_upload_under_way_is_not_swept_however_old_its_file_is()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        Assert.Null(hub.Uploads.TryOpen(Police.Agency, Digest.Of(part), part.Length, new Dictionary<Digest, long>(), out var spool));
        var file = Path.Combine(hub.Data.Spool, "police-north", Digest.Of(part).ToString());

        hub.Uploads.Sweep(DateTimeOffset.MaxValue);
        Assert.True(File.Exists(file));
        spool!.Dispose();
        hub.Uploads.Sweep(DateTimeOffset.MaxValue);
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("CREATE TRIGGER swept AFTER INSERT ON part_rows WHEN new.number = 45 BEGIN DELETE FROM parts; END", typeof(DbUpdateConcurrencyException))]
    [InlineData("CREATE TRIGGER swept AFTER INSERT ON part_rows WHEN new.number = 45 BEGIN DELETE FROM part_rows WHERE number < 16; END", typeof(InvalidOperationException))]
    public async Task A_part_that_is_swept_while_it_is_stored_again_is_not_said_to_be_stored(string trigger, Type told)
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(3_000_000);
        await Put(hub, Police, part, 0, part.Length);
        await hub.Use(db => db.Database.ExecuteSqlAsync($"UPDATE parts SET whole = false", Ct));
        await hub.Use(db => db.Database.ExecuteSqlRawAsync(trigger, Ct));
        await hub.Use(db => db.Database.ExecuteSqlAsync($"DELETE FROM part_rows WHERE number = 45", Ct));

        await Assert.ThrowsAsync(told, () => Put(hub, Police, part, 0, part.Length));
        Assert.InRange((await Head(hub, Police, part)).Held, 0, part.Length - 1); // its upload is still here, and does not count
    }

    [Fact]
    public async Task A_part_that_is_uploaded_anew_while_it_is_removed_stays()
    {
        await using var hub = await TestHub.Start();
        var part = Sealed(5_000);
        await Put(hub, Police, part, 0, part.Length);
        var id = await hub.Use(db => db.Set<SealedPart>().Select(p => p.Id).SingleAsync(Ct));

        await hub.Use(db => SealedParts.RemoveRows(db, id, _ => throw new InvalidOperationException(), Ct));

        Assert.Equal(part, await Read(hub, part));
    }

    private static bool Holds(TestHub hub, ReadOnlySpan<byte> bytes)
    {
        foreach (var file in new[] { hub.Data.Database, hub.Data.Database + "-wal" }.Where(File.Exists))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var all = new MemoryStream();
            stream.CopyTo(all);
            if (all.GetBuffer().AsSpan(0, (int)all.Length).IndexOf(bytes) >= 0) return true;
        }

        return false;
    }

    private static Task<int> Sweep(TestHub hub) => hub.Use(db => SweepParts.RunOnce(db, hub.Uploads, Ct));

    private static Task<PartClaim> Claim(TestHub hub, Caller owner, byte[] part, long size, Guid referral) =>
        hub.Use(db => db.Write(ct => SealedParts.Claim(db, owner.Agency, new(Part.Summary, Digest.Of(part), size), referral, hub.Clock.Now.AddDays(60), held: false, again: false, ct), Ct));

    private static async Task<byte[]> Read(TestHub hub, byte[] part) => await hub.Use(async db =>
    {
        var digest = Digest.Of(part);
        var stored = await db.Set<SealedPart>().SingleAsync(p => p.Sha256 == digest, Ct);
        using var all = new MemoryStream();
        await foreach (var piece in SealedParts.Read(db, stored, Ct)) all.Write(piece.Span);
        return all.ToArray();
    });

    private static async Task<(int Status, long Held)> Head(TestHub hub, Caller caller, byte[] part)
    {
        var http = new DefaultHttpContext();
        var answer = (await hub.Use(db => UploadPart.Held(Digest.Of(part).ToString(), caller, http, db, hub.Uploads, Ct))).Result;
        return (((IStatusCodeHttpResult)answer).StatusCode!.Value, long.TryParse(http.Response.Headers["Upload-Offset"], out var held) ? held : 0);
    }

    private static Task<IResult> Put(TestHub hub, Caller caller, byte[] part, int from, int to) => Put(hub, caller, part, Request(part, from, to));

    private static async Task<IResult> Put(TestHub hub, Caller caller, byte[] part, HttpContext http) =>
        (await hub.Use(db => UploadPart.Handle(Digest.Of(part).ToString(), caller, http, db, hub.Uploads, Ct))).Result;

    private static DefaultHttpContext Request(byte[] part, int from, int to)
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Body(PipeReader.Create(new MemoryStream(part, from, to - from))));
        http.Request.ContentLength = to - from;
        http.Request.Headers.ContentRange = $"bytes {from}-{to - 1}/{part.Length}";
        return http;
    }

    private static byte[] Sealed(int size)
    {
        byte[] part = [.. Header(HybridStanza()), .. RandomNumberGenerator.GetBytes(size)];
        return part[..size];
    }

    private static AgeStanza HybridStanza() =>
        new(AgeStanza.HybridType, [CanonicalBase64.Unpadded.Encode(new byte[1120])], new byte[32]);

    private static byte[] Header(params AgeStanza[] stanzas) => new AgeHeader(stanzas, new byte[32]).ToBytes();

    private static void Refused(Refusal refusal, IResult answer) =>
        Assert.Equal(refusal.Urned(), Assert.IsType<ProblemHttpResult>(answer).ProblemDetails.Type);

    private sealed record Body(PipeReader Reader) : IRequestBodyPipeFeature;
}
