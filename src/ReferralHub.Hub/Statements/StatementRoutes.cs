namespace ReferralHub.Hub.Statements;

internal static class StatementRoutes
{
    /// <summary>Adds an endpoint that takes a statement and answers with the hub's receipt.</summary>
    /// <param name="group">Routes that only active agencies reach.</param>
    /// <param name="pattern">The path inside the group.</param>
    /// <param name="handler">The use case.</param>
    /// <param name="name">The operation's name in the API's description.</param>
    /// <param name="summary">What it does, in half a sentence.</param>
    public static void MapStatement(this IEndpointRouteBuilder group, string pattern, Delegate handler, string name, string summary) => group
        .MapPost(pattern, handler)
        .WithName(name)
        .WithSummary(summary)
        .Produces<string>(StatusCodes.Status201Created, Submission.ContentType)
        .Produces<string>(StatusCodes.Status200OK, Submission.ContentType);
}
