using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Hub;
using Serilog;

namespace ReferralHub.Tests.Hub;

/// <summary>An answer of the whole pipeline.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Body">Its bytes as text.</param>
/// <param name="Statements">How many SQL statements it took.</param>
internal sealed record Answer(int Status, string Body, int Statements)
{
    /// <summary>The status, and the last part of the problem type.</summary>
    public override string ToString() => Status >= 400 && Body.StartsWith('{') && JsonElement.Parse(Body).TryGetProperty("type", out var type)
        ? $"{Status} {type.GetString()!.Split(':')[^1]}"
        : $"{Status}";
}

/// <summary>The server with all that it does to a request, without a network: requests go in as objects.</summary>
internal sealed class TestPipeline : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestDelegate _pipeline;
    private readonly Counter _counter = new();

    public TestPipeline(TestHub hub, Action<IServiceCollection>? more = null, bool gathers = false)
    {
        _app = HubApp.Build(hub.Data, services =>
        {
            services.AddSingleton<TimeProvider>(hub.Clock);
            services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
            services.AddSerilog(new LoggerConfiguration().CreateLogger());
            services.ConfigureDbContext<HubDb>(options => options.AddInterceptors(_counter));
            more?.Invoke(services);
        }, gathers);
        _pipeline = ((IApplicationBuilder)_app).Build();
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>Every endpoint that there is: METHOD /pattern.</summary>
    public IEnumerable<string> Endpoints =>
        from endpoint in _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
        select $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}";

    public async Task<Answer> Send(string method, string path, X509Certificate2? by = null, string? body = null, string? type = null, string? authorization = null, int port = 0)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        var answer = new MemoryStream();
        http.Connection.LocalPort = port;
        http.Request.Method = method;
        (http.Request.Scheme, http.Request.Host) = ("https", new("localhost"));
        var parts = path.Split('?', 2);
        http.Request.Path = parts[0];
        if (parts.Length == 2) http.Request.QueryString = new("?" + parts[1]);
        http.Response.Body = answer;
        http.Features.Set<ITlsConnectionFeature>(new Tls { ClientCertificate = by });
        if (body is not null)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(body);
            http.Request.Body = new MemoryStream(bytes);
            http.Request.ContentLength = bytes.Length;
            http.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        }

        if (type is not null) http.Request.ContentType = type;
        if (authorization is not null) http.Request.Headers.Authorization = authorization;
        _counter.Statements = 0;
        await _pipeline(http);
        return new(http.Response.StatusCode, System.Text.Encoding.UTF8.GetString(answer.ToArray()), _counter.Statements);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class Tls : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }

    private sealed class Counter : DbCommandInterceptor
    {
        public int Statements { get; set; }

        public override ValueTask<InterceptionResult<System.Data.Common.DbDataReader>> ReaderExecutingAsync(
            System.Data.Common.DbCommand command, CommandEventData eventData, InterceptionResult<System.Data.Common.DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Statements++;
            return new(result);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            System.Data.Common.DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            Statements++;
            return new(result);
        }
    }
}
