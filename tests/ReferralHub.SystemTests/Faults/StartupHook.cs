using ReferralHub.SystemTests.Faults;

/// <summary>
/// What the runtime calls before <c>Main</c> in the hub and the gateways of a campaign (DOTNET_STARTUP_HOOKS): the programs that are
/// tried are those that are shipped, to the byte (docs/decisions/0026-named-points-by-a-startup-hook.md).
/// </summary>
#pragma warning disable CA1050 // the runtime looks for exactly this name
internal static class StartupHook
{
    public static void Initialize() => Inside.Attach(Environment.GetEnvironmentVariable(Probe.Folder)!);
}
#pragma warning restore CA1050
