using System.Globalization;
using ReferralHub.Demo.Processes;

namespace ReferralHub.SystemTests.Load;

[Trait("group", "load")]
public sealed class EnvelopeMemoryTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Sealing_and_opening_1_GiB_takes_no_more_memory_than_1_MiB()
    {
        var small = await Peak(MiB);
        var large = await Peak(1024 * MiB);

        TestContext.Current.TestOutputHelper!.WriteLine($"1 MiB: {small / MiB} MiB; 1 GiB: {large / MiB} MiB");
        Assert.InRange(large - small, -8 * MiB, 8 * MiB);
    }

    private static async Task<long> Peak(long size)
    {
        var child = await Executable.Dotnet.Run(
            ["exec", Environment.GetCommandLineArgs()[0], SealAndOpen.Mode, size.ToString(CultureInfo.InvariantCulture)],
            TestContext.Current.CancellationToken);
        return long.Parse(child.Succeeded(), CultureInfo.InvariantCulture);
    }
}
