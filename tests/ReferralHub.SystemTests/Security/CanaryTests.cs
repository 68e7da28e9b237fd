using System.Globalization;
using System.Runtime.InteropServices;
using ReferralHub.Demo;
using ReferralHub.Demo.Mail;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Security;

/// <summary>Nothing of what an envelope holds is anywhere in the hub: neither on its disk nor in its memory.</summary>
[Trait("group", "security")]
[Collection(nameof(ToldStory))]
public sealed class CanaryTests(ToldStory story)
{
    private static readonly Executable Createdump =
        Executable.Tool(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "createdump"));

    [Fact]
    public void The_search_finds_a_canary_in_every_spelling_and_none_where_there_is_none()
    {
        var canary = new Canary();
        using var folder = new TemporaryFolder();
        Assert.Equal(18, canary.Spellings.Count());
        foreach (var spelling in canary.Spellings)
        {
            // Across the border between two of the pieces that the search reads.
            File.WriteAllBytes(folder.File("planted"), [.. new byte[(1 << 20) - 7], .. canary[spelling], .. new byte[9]]);
            Assert.Contains(canary.FindIn(folder.Path), found => found.EndsWith(spelling, StringComparison.Ordinal));
        }

        Assert.Empty(new Canary().FindIn(folder.Path));
    }

    [Fact]
    public async Task A_hub_that_carried_a_referral_there_and_back_holds_nothing_of_it_and_the_gateway_that_has_it_open_does()
    {
        var ct = TestContext.Current.CancellationToken;
        var (cast, handoff, canary, _) = await story.Hear();
        using var folder = new TemporaryFolder();
        await cast.Shelter.Open(handoff.Referral, ct);

        Assert.NotEmpty(canary.FindInFile(await Dump(cast.Shelter.Server, folder, ct)));
        Assert.Empty(canary.FindInFile(await Dump(cast.Hub.Server, folder, ct)));
        Assert.Empty(canary.FindIn(cast.Hub.Data));
        Assert.Empty(canary.FindInFile(cast.Hub.Log));
        Assert.Empty(canary.FindIn(cast.Hub.Temporary));

        // Nor does a gateway keep anything of it on its disk.
        foreach (var agency in (AgencyNode[])[cast.Police, cast.Shelter])
        {
            Assert.Empty(canary.FindIn(agency.Data));
            Assert.Empty(canary.FindInFile(agency.Log));
        }
    }

    [Fact]
    public async Task Nothing_that_identifies_a_child_leaves_in_a_mail_feed_event_evidence_board_trail_interface_or_log()
    {
        var ct = TestContext.Current.CancellationToken;
        var (cast, _, canary, _) = await story.Hear();
        using var folder = new TemporaryFolder();
        await using var mail = await Mailroom.OpenAsync(folder.File("mail"));
        var told = new Shown(cast, mail, folder);

        var (referral, content) = await told.TellByMail(canary.Word, ct);
        var code = new Canary(await told.CaseOf(referral, ct));
        await told.GatherFeeds(ct);
        await told.GatherEvidence(referral, ct);
        Assert.NotEmpty(canary.FindInFile(content));
        Assert.Empty(canary.FindIn(told.Everything));

        // The parties and the hub have the case code, which tells nothing by itself; nobody else is shown it.
        Assert.NotEmpty(code.FindIn(told.Feeds));
        await told.GatherViews(referral, ct);
        Assert.Empty(canary.FindIn(told.Views));
        Assert.Empty(code.FindIn(told.Views));
        Assert.Empty(code.FindIn(told.Mails));
        foreach (var log in (string[])[cast.Hub.Log, cast.Police.Log, cast.Shelter.Log])
        {
            Assert.Empty(canary.FindInFile(log));
            Assert.Empty(code.FindInFile(log));
        }

        foreach (var (reader, other) in ((AgencyNode, AgencyNode)[])[(cast.Police, cast.Shelter), (cast.Shelter, cast.Police)])
        {
            var mails = mail.Mails(reader.Desk);
            Assert.True(mails.Count > 1, "mails must have come");
            Assert.All(mails, text => Assert.DoesNotContain(other.Id, text, StringComparison.OrdinalIgnoreCase));
            Assert.All(mails, text => Assert.DoesNotContain(other.Name, text, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>All memory of a running process.</summary>
    private static async Task<string> Dump(Running process, TemporaryFolder folder, CancellationToken ct)
    {
        var file = folder.File($"{process.Id}.dump");
        (await Createdump.Run(["--full", "--name", file, process.Id.ToString(CultureInfo.InvariantCulture)], ct)).Succeeded();
        return file;
    }
}
