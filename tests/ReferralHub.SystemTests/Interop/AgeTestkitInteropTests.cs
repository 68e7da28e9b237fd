using ReferralHub.Tests.Sealing.Age;

namespace ReferralHub.SystemTests.Interop;

/// <summary>The whole age testkit, from npm cctv-age; the group vectors has the larger part of it beside the checkout.</summary>
[Trait("group", "interop")]
public sealed class AgeTestkitInteropTests
{
    [Fact]
    public async Task Every_file_of_cctv_age_ends_as_it_says()
    {
        using var folder = new TemporaryFolder();
        await Peers.CctvAge(folder.Path);
        AgeTestkit.Run("cctv-age", folder.Path, files: 143, accepted: 26);
    }
}
