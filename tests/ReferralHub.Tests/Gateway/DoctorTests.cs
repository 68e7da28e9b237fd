using System.Runtime.Versioning;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Tests.Client;

namespace ReferralHub.Tests.Gateway;

/// <summary>Each check of a gateway finds what it is there for, and says what to do.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DoctorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_that_is_well_lacks_only_alerts()
    {
        await using var pair = await Well();

        var report = await Run(pair);

        Assert.Equal(Enumerable.Range(1, 10), report.Findings.Select(f => f.Number));
        Assert.Equal("alerts", Assert.Single(report.Findings, f => f.Severity != Severity.Good).Check);
        Assert.Equal(Exit.Advice, report.ExitCode());
    }

    [Fact]
    public async Task Each_fault_is_found_by_its_own_check_with_its_fix()
    {
        await using var pair = await Well();
        var folder = pair.Police.Folder;

        await File.WriteAllTextAsync(folder.AlertSettings, "{}", Ct);
        await Finds(pair, 10, Severity.Broken, "alerts.json");
        pair.Hub.IsDown = true;
        await Finds(pair, 4, Severity.Advice, "call the hub's operator");
        pair.Clock.Ahead = TimeSpan.FromHours(2);
        await Finds(pair, 5, Severity.Advice, "Start the gateway");
        await Finds(pair, 6, Severity.Advice, "Start the gateway");
        pair.Clock.Ahead = TimeSpan.FromHours(-2);
        await Finds(pair, 5, Severity.Broken, "NTP");
        pair.Clock.Ahead = TimeSpan.FromDays(85);
        await Finds(pair, 7, Severity.Advice, "keys rotate");
        await pair.Police.With(async db =>
        {
            db.Alarms.Add(new Alarm { At = pair.Clock.GetUtcNow(), Code = AlarmCode.LogForked, Detail = "audit at 3" });
            return await db.SaveChangesAsync(Ct);
        });
        await Finds(pair, 9, Severity.Broken, "referral-gateway alarms");
        File.SetUnixFileMode(folder.Root, File.GetUnixFileMode(folder.Root) | UnixFileMode.OtherExecute);
        await Finds(pair, 1, Severity.Broken, "chmod 700");
        await pair.Police.With(db => db.Database.ExecuteSqlAsync($"INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99')", Ct));
        await Finds(pair, 3, Severity.Broken, "newer version");
    }

    private static async Task<TestPair> Well()
    {
        var pair = await TestPair.StartAsync();
        await pair.Police.SyncAsync();
        await pair.Police.SaveKeysAsync("SYNTHETIC passphrase");
        using var ca = new Certificates();
        using var certificate = Certificates.Issue(ca, "police", "1.3.6.1.5.5.7.3.2");
        await pair.Police.With(db => db.Bindings.ExecuteUpdateAsync(set => set.SetProperty(b => b.Certificates, certificate.ExportCertificatePem()), Ct));
        return pair;
    }

    private static Task<Doctor.Report> Run(TestPair pair) => Doctor.RunAsync(pair.Police.Folder, pair.Police.Use<HubClient>(), pair.Clock, Ct);

    private static async Task Finds(TestPair pair, int number, Severity severity, string fix)
    {
        var report = await Run(pair);
        var one = report.Findings.Single(f => f.Number == number);
        Assert.Equal((number, severity), (one.Number, one.Severity));
        Assert.Contains(fix, one.Fix, StringComparison.Ordinal);
        Assert.NotEqual(Exit.Good, report.ExitCode());
    }
}
