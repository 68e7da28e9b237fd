using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using ReferralHub.Protocol.Statements;

namespace ReferralHub.Hub.Statements;

/// <summary>The body of a request that carries a statement: at most <see cref="SignedStatement.MaxSize"/> bytes, not yet read.</summary>
/// <param name="Token">The body.</param>
/// <param name="Fault">Why it is not even looked at, or null.</param>
internal sealed record Submission(ReadOnlyMemory<byte> Token, Refusal? Fault = null) : IEndpointParameterMetadataProvider
{
    public const string ContentType = "application/jose";

    public static async ValueTask<Submission?> BindAsync(HttpContext http)
    {
        if (http.Request.ContentType != ContentType) return new Submission(default, Refusal.WrongMediaType);

        // One byte more than a token has shows that there is too much, whatever length was announced.
        const int most = SignedStatement.MaxSize;
        var buffer = new byte[(int)Math.Min(http.Request.ContentLength ?? most, most) + 1];
        var read = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        return read == buffer.Length
            ? new Submission(default, Refusal.TooLarge)
            : new Submission(buffer.AsMemory(0, read));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata([ContentType], typeof(string)));
}
