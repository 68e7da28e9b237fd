using System.Text.Json;
using System.Text.Json.Serialization;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private static readonly JsonSerializerOptions Answers = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 8,
    };

    private static async Task<HubProblem> ReadProblemAsync(HttpResponseMessage response, Watch watch)
    {
        var status = (int)response.StatusCode;
        var body = await ReadAtMostAsync(response, ProblemBytes, watch);
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json"
            && TryRead<ProblemBody>(body) is { Type: { } type } problem
            && type.StartsWith(HubProblem.TypePrefix, StringComparison.Ordinal))
        {
            return new(type[HubProblem.TypePrefix.Length..], status, problem.Title ?? "", problem.State, problem.After, problem.Reasons ?? []);
        }

        // A proxy, or a crash: no refusal of the catalogue, but the status still says whether to try again.
        if (status >= 500) return new("no-problem-document", status, response.ReasonPhrase ?? "", null, null, []);
        throw new HubAnswerException($"The hub answered {status} without a problem document.");
    }

    private static T ReadAnswer<T>(byte[] body)
        where T : class => TryRead<T>(body) ?? throw new HubAnswerException("The answer is not of the promised form.");

    private static T? TryRead<T>(byte[] body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Answers);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record ProblemBody(
        string? Type = null, string? Title = null, string? State = null, string? After = null, IReadOnlyList<string>? Reasons = null);
}
