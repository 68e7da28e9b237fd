using ReferralHub.SystemTests;
using ReferralHub.SystemTests.Faults;
using ReferralHub.SystemTests.Load;
using ReferralHub.SystemTests.Servers;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// A process of its own for what is measured by process; otherwise what xunit.v3 generates.
return args switch
{
    [WithPostgres.Mode, .. var what] => await WithPostgres.Run(what),
    [CampaignCommand.Mode, .. var what] => await CampaignCommand.Run(what),
    [CampaignCommand.Page] => CampaignCommand.WritePage(),
    [SealAndOpen.Mode, var size] => await SealAndOpen.Run(long.Parse(size, null)),
    _ when args.Any(arg => arg is "--server" or "--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
