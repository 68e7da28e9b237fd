using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>
/// Somebody who is not the hub changes a bundle: every kind of file, in every way, is refused, and the first thing wrong in
/// the order of docs/protocol.md §5 is named.
/// </summary>
public sealed class TamperedFileTests : IDisposable
{
    private readonly Story _story = new Story().Play();
    private readonly byte[] _zip;

    public TamperedFileTests() => _zip = _story.Bundle();

    // {0} an event in the middle, {1} the statement it records.
    public static TheoryData<string> EveryKindOfFile =>
    [
        "VERIFY.md", "checkpoints/audit", "checkpoints/directory", "directory/000000.jws", "directory/000001.jws", "directory/000003.jws",
        "{0}.json", "{0}.opening", "{0}.tlog-proof", "manifest.json", "manifest.jws", "{1}", "trust.policy",
    ];

    [Theory]
    [MemberData(nameof(EveryKindOfFile))]
    public void A_byte_changed_in_the_archive_breaks_it_at_that_file(string kind)
    {
        var (path, files) = Take(kind);
        var zip = _zip;
        zip[zip.AsSpan().IndexOf(files[path]) + files[path].Length / 2] ^= 1;
        Broken(EvidenceCheck.Run(zip, _story.Fingerprint), path, EvidenceFault.Archive);
    }

    [Theory]
    [MemberData(nameof(EveryKindOfFile))]
    public void A_byte_changed_before_packing_breaks_the_manifest_at_that_file(string kind)
    {
        var (path, files) = Take(kind);
        Flip(files, path, files[path].Length / 2);
        var report = EvidenceCheck.Run(files.Zip(), _story.Fingerprint);
        if (path == "manifest.jws") Broken(report, path, EvidenceFault.ManifestSignature);
        else if (path != "manifest.json") Broken(report, path, EvidenceFault.ManifestDiffers);
        else Assert.NotNull(report.Finding);
    }

    [Fact]
    public void A_digest_changed_in_the_manifest_breaks_it_at_the_file_that_it_lists()
    {
        var files = Files.Of(_zip);
        var digest = Digest.Of(files["trust.policy"]).ToString();
        var text = Encoding.ASCII.GetString(files["manifest.json"]);
        files["manifest.json"] = Encoding.ASCII.GetBytes(text.Replace(digest, Story.Sealed("else").ToString(), StringComparison.Ordinal));
        Broken(files, "trust.policy", EvidenceFault.ManifestDiffers);
    }

    [Theory]
    [MemberData(nameof(EveryKindOfFile))]
    public void A_file_removed_breaks_the_manifest(string kind)
    {
        var (path, files) = Take(kind);
        files.Remove(path);
        var named = path.StartsWith("manifest", StringComparison.Ordinal) ? path : "manifest.json";
        Broken(EvidenceCheck.Run(files.Zip(), _story.Fingerprint), named, EvidenceFault.FileMissing);
    }

    [Theory]
    [MemberData(nameof(EveryKindOfFile))]
    public void A_file_removed_from_the_manifest_too_is_missed_by_name(string kind)
    {
        var (path, files) = Take(kind);
        files.Remove(path);
        if (path != "manifest.json") files.ListAgain();
        // Whoever cuts the end off the directory leaves no gap; the checkpoint tells.
        if (path == "directory/000003.jws") Broken(files, "checkpoints/directory", EvidenceFault.DirectoryCheckpoint);
        else Broken(files, path, EvidenceFault.FileMissing);
    }

    [Theory]
    [InlineData("VERIFY.md", EvidenceFault.PageDiffers)]
    [InlineData("checkpoints/audit", EvidenceFault.AuditCheckpoint)]
    [InlineData("checkpoints/directory", EvidenceFault.DirectoryCheckpoint)]
    [InlineData("directory/000000.jws", EvidenceFault.Genesis)]
    [InlineData("directory/000001.jws", EvidenceFault.Directory)]
    [InlineData("directory/000003.jws", EvidenceFault.Directory)]
    [InlineData("{0}.json", EvidenceFault.EventMalformed)]
    [InlineData("{0}.opening", EvidenceFault.EventMalformed)]
    [InlineData("{0}.tlog-proof", EvidenceFault.EventNotLogged)]
    [InlineData("{1}", EvidenceFault.StatementMalformed)]
    [InlineData("trust.policy", EvidenceFault.TrustPolicy)]
    public void A_file_cut_and_listed_again_is_named(string kind, EvidenceFault fault)
    {
        var (path, files) = Take(kind);
        files[path] = files[path][..^1];
        Broken(files.ListAgain(), path, fault);
        files[path] = [];
        Broken(files.ListAgain(), path, path.EndsWith("proof", StringComparison.Ordinal) ? EvidenceFault.EventMalformed : fault);
    }

    [Theory]
    [InlineData("checkpoints/audit", "hub.example", EvidenceFault.AuditCheckpoint)]
    [InlineData("checkpoints/directory", "hub.example", EvidenceFault.DirectoryCheckpoint)]
    [InlineData("directory/000000.jws", "payload\":\"", EvidenceFault.Genesis)]
    [InlineData("directory/000002.jws", "payload\":\"", EvidenceFault.Directory)]
    [InlineData("{0}.json", "2026-0", EvidenceFault.EventNotLogged)]
    [InlineData("{0}.opening", "", EvidenceFault.EventNotLogged)]
    [InlineData("{0}.tlog-proof", "index ", EvidenceFault.EventNotLogged)]
    [InlineData("trust.policy", "witness ", EvidenceFault.TrustPolicy)]
    [InlineData("VERIFY.md", "rh-verify", EvidenceFault.PageDiffers)]
    public void A_letter_changed_and_listed_again_is_named(string kind, string before, EvidenceFault fault)
    {
        var (path, files) = Take(kind);
        var at = files[path].AsSpan().IndexOf(Encoding.ASCII.GetBytes(before)) + before.Length;
        files[path][at] = (byte)(files[path][at] == '1' ? '2' : '1');
        // Event and opening are one commitment: it is the event that is not in the log.
        Broken(files.ListAgain(), path.Replace(".opening", ".json", StringComparison.Ordinal), fault);
    }

    [Fact]
    public void A_statement_with_another_signature_keeps_its_id_and_is_refused()
    {
        var files = Files.Of(_zip);
        var (path, token) = (files.PathOf(IsAccepted), files.StatementOf(IsAccepted).Jws.Token);
        var other = files.StatementOf(statement => statement is SenderAct).Jws.Token;
        files[path] = Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')] + other[other.LastIndexOf('.')..]);
        Broken(files.ListAgain(), path, EvidenceFault.StatementSignature);
    }

    [Theory]
    [InlineData(".json", ".json")]
    [InlineData(".opening", ".json")]
    [InlineData(".tlog-proof", ".tlog-proof")]
    public void Files_of_two_events_swapped_are_named(string ending, string named)
    {
        var files = Files.Of(_zip);
        var (first, second) = (files.EventOf(IsAccepted), files.EventOf(statement => statement is SenderAct));
        (files[first + ending], files[second + ending]) = (files[second + ending], files[first + ending]);
        Broken(files.ListAgain(), first + named, EvidenceFault.EventNotLogged);
    }

    [Fact]
    public void Two_whole_events_swapped_are_named()
    {
        var files = Files.Of(_zip);
        var (first, second) = (files.EventOf(IsAccepted), files.EventOf(statement => statement is SenderAct));
        foreach (var ending in (string[])[".json", ".opening", ".tlog-proof"])
            (files[first + ending], files[second + ending]) = (files[second + ending], files[first + ending]);
        Broken(files.ListAgain(), first + ".tlog-proof", EvidenceFault.EventNotLogged);
    }

    [Fact]
    public void Two_statements_swapped_are_named()
    {
        var files = Files.Of(_zip);
        string[] paths = [files.PathOf(IsAccepted), files.PathOf(statement => statement is SenderAct)];
        (files[paths[0]], files[paths[1]]) = (files[paths[1]], files[paths[0]]);
        Broken(files.ListAgain(), paths.Min(StringComparer.Ordinal)!, EvidenceFault.StatementMalformed);
    }

    [Fact]
    public void Two_directory_entries_swapped_replay_but_are_not_what_the_hub_signed()
    {
        var files = Files.Of(_zip);
        (files["directory/000002.jws"], files["directory/000003.jws"]) = (files["directory/000003.jws"], files["directory/000002.jws"]);
        Broken(files.ListAgain(), "checkpoints/directory", EvidenceFault.DirectoryCheckpoint);
    }

    [Fact]
    public void The_two_checkpoints_swapped_are_named()
    {
        var files = Files.Of(_zip);
        (files["checkpoints/audit"], files["checkpoints/directory"]) = (files["checkpoints/directory"], files["checkpoints/audit"]);
        Broken(files.ListAgain(), "checkpoints/directory", EvidenceFault.DirectoryCheckpoint);
    }

    [Fact]
    public void An_event_filed_again_under_another_position_is_named()
    {
        var files = Files.Of(_zip);
        var source = files.EventOf(IsAccepted);
        foreach (var ending in (string[])[".json", ".opening", ".tlog-proof"]) files.Add("events/000000000003" + ending, files[source + ending]);
        Broken(files.ListAgain(), "events/000000000003.tlog-proof", EvidenceFault.EventNotLogged);
    }

    [Fact]
    public void A_statement_filed_again_under_another_id_is_named()
    {
        var files = Files.Of(_zip);
        var path = $"statements/{Story.Sealed("nothing")}.jws";
        files.Add(path, files[files.PathOf(IsAccepted)]);
        Broken(files.ListAgain(), path, EvidenceFault.StatementMalformed);
    }

    [Theory]
    [InlineData("note.txt", "note.txt", EvidenceFault.FileUnexpected)]
    [InlineData("directory/7.jws", "directory/7.jws", EvidenceFault.FileUnexpected)]
    [InlineData("directory/000009.jws", "directory/000004.jws", EvidenceFault.FileMissing)]
    [InlineData("directory/000004.jws", "directory/000004.jws", EvidenceFault.Directory)]
    [InlineData("events/7.json", "events/7.json", EvidenceFault.FileUnexpected)]
    [InlineData("events/99999.json", "events/99999.json", EvidenceFault.FileUnexpected)]
    [InlineData("statementz/1111111111111111111111111111111111111111111111111111111111111111.jws",
        "statementz/1111111111111111111111111111111111111111111111111111111111111111.jws", EvidenceFault.FileUnexpected)]
    [InlineData("events/000000000003.json", "events/000000000003.opening", EvidenceFault.FileMissing)]
    [InlineData("statements/x.jws", "statements/x.jws", EvidenceFault.FileUnexpected)]
    [InlineData("checkpoints/other", "checkpoints/other", EvidenceFault.FileUnexpected)]
    [InlineData("../VERIFY.md", "../VERIFY.md", EvidenceFault.FileUnexpected)]
    public void A_file_added_and_listed_is_named(string added, string named, EvidenceFault fault)
    {
        var files = Files.Of(_zip);
        files.Add(added, "{}"u8.ToArray());
        Broken(files.ListAgain(), named, fault);
    }

    [Fact]
    public void A_file_added_and_not_listed_is_named()
    {
        var files = Files.Of(_zip);
        files.Add("note.txt", []);
        Broken(files, "note.txt", EvidenceFault.FileUnexpected);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":null}")]
    [InlineData("{\"VERIFY.md\":\"00\"}")]
    public void A_manifest_of_another_form_is_named(string manifest)
    {
        var files = Files.Of(_zip);
        files["manifest.json"] = Encoding.ASCII.GetBytes(manifest);
        Broken(files, "manifest.json", EvidenceFault.ManifestMalformed);
    }

    [Fact]
    public void A_manifest_that_lists_a_file_twice_is_named()
    {
        var files = Files.Of(_zip);
        var text = Encoding.ASCII.GetString(files["manifest.json"]);
        files["manifest.json"] = Encoding.ASCII.GetBytes("{\"VERIFY.md\":\"" + Story.Sealed("x") + "\"," + text[1..]);
        Broken(files, "manifest.json", EvidenceFault.ManifestMalformed);
    }

    [Fact]
    public void Another_genesis_than_F_promises_is_named() =>
        Broken(EvidenceCheck.Run(_zip, Story.Sealed("another hub")), "directory/000000.jws", EvidenceFault.Genesis);

    [Fact]
    public void The_last_act_cannot_be_dropped_without_the_hub()
    {
        var files = Files.Of(_zip);
        files.DropAct(statement => statement is SenderAct);
        Broken(files.ListAgain(), "manifest.jws", EvidenceFault.ManifestSignature);
    }

    [Fact]
    public void A_refusal_cannot_be_dropped_without_the_hub()
    {
        var files = Files.Of(_zip);
        files.DropEvent(files.Path("events/", ".json", "\"refused\""));
        Broken(files.ListAgain(), "manifest.jws", EvidenceFault.ManifestSignature);
    }

    [Fact]
    public void A_foreign_key_cannot_sign_for_the_hub()
    {
        Broken(Files.Of(_zip).SignAgain(_story.Key("foreign hub")), "manifest.jws", EvidenceFault.ManifestSignature);
        Broken(Files.Of(_zip).SignAgain(_story.Key(Story.Police + " signing")), "manifest.jws", EvidenceFault.ManifestSignature);
        Assert.Null(EvidenceCheck.Run(Files.Of(_zip).SignAgain(_story.Key("hub signing")).Zip(), _story.Fingerprint).Finding);
    }

    [Fact]
    public void The_hub_s_signature_names_this_manifest_and_these_checkpoints()
    {
        var hub = _story.Key("hub signing");
        Broken(Files.Of(_zip).SignAgain(hub, act => act with { Manifest = Story.Sealed("other") }), "manifest.jws", EvidenceFault.ManifestSignature);
        Broken(Files.Of(_zip).SignAgain(hub, act => act with { AuditLog = new(act.AuditLog.Size - 1, act.AuditLog.Root) }), "manifest.jws", EvidenceFault.ManifestSignature);
        Broken(Files.Of(_zip).SignAgain(hub, act => act with { Directory = new(act.Directory.Size, Story.Sealed("root")) }), "manifest.jws", EvidenceFault.ManifestSignature);
    }

    [Fact]
    public void A_false_signature_under_the_hub_s_key_id_is_none()
    {
        var files = Files.Of(_zip);
        var (token, other) = (Encoding.ASCII.GetString(files["manifest.jws"]), files.StatementOf(IsAccepted).Jws.Token);
        files["manifest.jws"] = Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')] + other[other.LastIndexOf('.')..]);
        Broken(files, "manifest.jws", EvidenceFault.ManifestSignature);
    }

    [Fact]
    public void The_directory_s_checkpoint_has_the_size_of_its_entries()
    {
        var head = _story.DirectoryHead;
        var files = Files.Of(_zip);
        files["checkpoints/directory"] = _story.Checkpoint("hub.example/directory", "directory log", head with { Size = head.Size + 1 }).Bytes.ToArray();
        Broken(files.SignAgain(_story.Key("hub signing")), "checkpoints/directory", EvidenceFault.DirectoryCheckpoint);
    }

    [Fact]
    public void Another_statement_is_no_signature_over_the_manifest()
    {
        var files = Files.Of(_zip);
        files["manifest.jws"] = files[files.PathOf(IsAccepted)];
        Broken(files, "manifest.jws", EvidenceFault.ManifestSignature);
    }

    [Fact]
    public void No_byte_of_a_bundle_can_be_changed()
    {
        // Every byte of a small archive is tried in StoredZipTests; here every 31st, which meets every file.
        for (var at = 0; at < _zip.Length; at += 31)
        {
            _zip[at] ^= 0x04;
            Assert.NotNull(EvidenceCheck.Run(_zip, _story.Fingerprint).Finding);
            _zip[at] ^= 0x04;
        }
    }

    [Fact]
    public void Not_even_the_hub_can_change_a_byte_of_a_file_and_sign_again()
    {
        // The first, the middle or the last byte, in turn.
        var turn = 0;
        foreach (var path in Files.Of(_zip).Keys.Where(path => !path.StartsWith("manifest", StringComparison.Ordinal)))
        {
            var files = Files.Of(_zip);
            Flip(files, path, (files[path].Length - 1) * (turn++ % 3) / 2);
            var report = EvidenceCheck.Run(files.SignAgain(_story.Key("hub signing")).Zip(), _story.Fingerprint);
            Assert.True(report.Finding is not null, path);
        }
    }

    public void Dispose() => _story.Dispose();

    private static bool IsAccepted(Statement statement) => statement is Acknowledgement { Act: HandoffAct.Accepted };

    private static void Flip(Files files, string path, int at) => files[path][at] ^= 1;

    private static EvidenceFault? Fault(EvidenceReport report) => report.Finding?.Fault;

    private static void Broken(EvidenceReport report, string path, EvidenceFault fault)
    {
        Assert.Equal((path, fault), (report.Finding?.Path, Fault(report)));
        Assert.Null(report.Story);
    }

    private void Broken(Files files, string path, EvidenceFault fault) => Broken(EvidenceCheck.Run(files.Zip(), _story.Fingerprint), path, fault);

    private (string Path, Files Files) Take(string kind)
    {
        var files = Files.Of(_zip);
        return (string.Format(null, kind, files.EventOf(IsAccepted), files.PathOf(IsAccepted)), files);
    }
}
