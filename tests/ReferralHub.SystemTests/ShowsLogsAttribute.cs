using System.Reflection;
using Xunit.v3;

namespace ReferralHub.SystemTests;

/// <summary>Where a test fails, what the processes logged last is shown with it: ids only, as all logs.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class ShowsLogsAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        foreach (var line in TemporaryFolder.LogTails()) TestContext.Current.TestOutputHelper?.WriteLine(line);
    }
}
