using System.CommandLine;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub openapi FILE</c>: writes the API's description. Needs no hub.</summary>
internal static class WriteApi
{
    private static readonly Argument<string> FileName = new("FILE") { Description = "Where it goes: docs/api/openapi.json in the repository" };

    public static Command Make() => new Command("openapi", "Write the OpenAPI description") { FileName }.Does(async (parse, ct) =>
    {
        var file = parse.GetValue(FileName)!;
        await File.WriteAllTextAsync(file, await Describe(ct), ct);
        return new Answer(new { file }, $"wrote {file}");
    });

    internal static async Task<string> Describe(CancellationToken ct)
    {
        await using var app = HubApp.Build(new DataFolder(Path.GetTempPath()), ApiDescription.Add);
        return await ApiDescription.Write(app.Services, ct);
    }
}
