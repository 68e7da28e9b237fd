using System.Runtime.CompilerServices;
using ReferralHub.Hub;
using ReferralHub.Hub.Commands;

namespace ReferralHub.Tests.Hub;

public sealed class ApiDescriptionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_committed_document_is_what_the_code_says()
    {
        var committed = await File.ReadAllTextAsync(Path.Combine(Folder(), "../../../docs/api/openapi.json"), Ct);

        Assert.Equal(committed, await WriteApi.Describe(Ct)); // else: referralhub openapi docs/api/openapi.json
    }

    [Fact]
    public async Task It_has_every_refusal()
    {
        var document = await WriteApi.Describe(Ct);

        Assert.All(Enum.GetValues<Refusal>(), refusal => Assert.Contains($"\"{refusal.Urned()}\"", document, StringComparison.Ordinal));
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
