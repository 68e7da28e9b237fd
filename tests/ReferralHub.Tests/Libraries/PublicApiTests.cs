using System.Reflection;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Tests.Libraries;

/// <summary>
/// The libraries that others may build on promise what stands in <c>docs/api/LIBRARY.txt</c>. A change to it is meant, and seen in a review:
/// <c>UPDATE_API=yes dotnet exec artifacts/bin/ReferralHub.Tests/release/ReferralHub.Tests.dll -class "*PublicApiTests"</c> writes the files anew.
/// </summary>
public sealed class PublicApiTests
{
    private const string Update = "UPDATE_API";

    private static readonly Type[] OneOfEach = [typeof(Digest), typeof(Code), typeof(AgeReader), typeof(HubClient)];

    public static TheoryData<string> Libraries => [.. OneOfEach.Select(type => type.Assembly.GetName().Name!)];

    [Theory, MemberData(nameof(Libraries))]
    public void A_library_offers_what_its_page_says_and_no_more(string library)
    {
        var page = Path.Combine(Vectors.Root(), "docs", "api", library + ".txt");
        var offered = PublicApi.Of(Assembly.Load(library));
        if (Environment.GetEnvironmentVariable(Update) == "yes") File.WriteAllText(page, offered);

        Assert.Equal(File.ReadAllText(page).Split('\n'), offered.Split('\n'));
    }
}
