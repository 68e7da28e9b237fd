using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ReferralHub.Hub;

/// <summary>The OpenAPI 3.1 document: docs/api/openapi.json, which a test compares with what the code says.</summary>
internal static class ApiDescription
{
    public const string Name = "v1";

    private const string Problem = "Problem";

    public static void Add(IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "Refused; `type` says why",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(Problem, context.Document) },
                },
            };
            return Task.CompletedTask;
        });
    });

    /// <summary>The document as it is committed.</summary>
    public static async Task<string> Write(IServiceProvider services, CancellationToken ct)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(ct);
        return await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct) + "\n";
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "ReferralHub",
            Version = "1",
            Description = "The wire format is docs/protocol.md. Except for joining and genesis, an agency is its client certificate.",
        };
        // Where a hub is, its operator says; the document is the same for all.
        document.Servers = [];
        document.Components ??= new();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[Problem] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A refusal (RFC 9457).",
            Required = new HashSet<string> { "type", "title", "status" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = string.Join('\n', Enum.GetValues<Refusal>().Select(Line)),
                    Enum = [.. Enum.GetValues<Refusal>().Select(refusal => (JsonNode)refusal.Urned())],
                },
                ["title"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What to do" },
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status" },
                ["reasons"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Description = "What the consent check says against it (docs/protocol.md §3.5)",
                    Items = new OpenApiSchema { Type = JsonSchemaType.String },
                },
                ["state"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Where the referral stands, if that is the reason" },
                ["after"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The statement that the next one must come after" },
            },
        };
    }

    private static string Line(Refusal refusal)
    {
        var (status, text) = refusal.Describe();
        return $"- `{refusal.Urned()}` ({status}): {text}";
    }
}
