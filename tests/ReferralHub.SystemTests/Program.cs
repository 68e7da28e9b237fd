using ReferralHub.SystemTests;
using ReferralHub.SystemTests.Load;
using ReferralHub.SystemTests.Servers;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// A process of its own for what is measured by process; otherwise what xunit.v3 generates.
return args switch
{
    [WithPostgres.Mode, .. var what] => await WithPostgres.Run(what),
    [SealAndOpen.Mode, var size] => await SealAndOpen.Run(long.Parse(size, null)),
    _ when args.Any(arg => arg is "--server" or "--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
