using System.Xml.Linq;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Interop;

/// <summary>The paper of a recovery key, as the gateway makes it, under a scanner.</summary>
[Trait("group", "interop")]
public sealed class RecoveryPaperInteropTests
{
    [Fact]
    public async Task A_scanner_reads_from_the_page_the_line_that_stands_on_it()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var page = folder.File("paper.svg");
        await File.WriteAllTextAsync(folder.File("passphrase"), "SYNTHETIC passphrase", ct);
        (await Executable.Gateway.Run(
            [
                "init", "--data", folder.File("data"), "--agency", "harbour", "--kind", "ngo", "--name", "SYNTHETIC Harbour",
                "--recovery-out", page, "--passphrase-file", folder.File("passphrase"),
            ],
            ct)).Succeeded();

        var line = XDocument.Load(page).Root!.Elements().Last(e => e.Name.LocalName == "text").Value;
        Assert.StartsWith("REFERRALHUB-RECOVERY-1", line, StringComparison.Ordinal);
        Assert.Equal(line, (await Peers.Scan(page, folder.File("paper.png"))).TrimEnd('\n'));
    }
}
