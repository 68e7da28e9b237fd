using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using ReferralHub.Hub.Audit;
using ReferralHub.Hub.Clocks;
using ReferralHub.Hub.Consents;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Erasing;
using ReferralHub.Hub.Identity;
using ReferralHub.Hub.Log;
using ReferralHub.Hub.Metrics;
using ReferralHub.Hub.Notifications;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Parts;
using ReferralHub.Hub.Profiles;
using ReferralHub.Hub.Referrals;
using ReferralHub.Hub.Restoring;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;
using KestrelServerOptions = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;

namespace ReferralHub.Hub;

/// <summary>The server: which modules it has and how requests reach them.</summary>
internal static class HubApp
{
    /// <summary>Builds it; nothing runs yet.</summary>
    /// <param name="data">Where it keeps everything.</param>
    /// <param name="more">What the caller adds: where to listen, for one.</param>
    /// <param name="gathers">Whether it only gathers what agencies hold, for a restored backup (docs/protocol.md §4.7): then nothing works by itself.</param>
    public static WebApplication Build(DataFolder data, Action<IServiceCollection> more, bool gathers = false)
    {
        // No configuration but ours: neither appsettings.json nor the environment changes what the hub does.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "referralhub", ContentRootPath = data.Root });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        var services = builder.Services;
        services.Configure<KestrelServerOptions>(Limit);
        services.AddSerilog(log => Write(log, data));

        services.AddHub(data);
        services.AddSingleton(_ => CertificateAuthority.Load(data));
        services.AddSingleton<Tls>();
        services.AddSingleton<Fatal>();
        services.AddSingleton<LogHealth>();
        services.AddSingleton<Health>();
        services.AddSingleton<BrokerState>();
        services.AddSingleton(_ => new Uploads(data, gathers));
        if (gathers) services.AddHostedService<AwaitOpening>();
        else AddWork(services, data);

        services.Configure<HostOptions>(host => host.ShutdownTimeout = Limits.StopTime);
        services.AddRouting();
        // Whoever is refused hears why and nothing else: not even a trace id, by which two refusals would differ.
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Extensions.Remove("traceId");
            context.HttpContext.RequestServices.GetRequiredService<HubMeters>().Refused(Refusals.NameOf(context.ProblemDetails.Type));
        });
        services.ConfigureHttpJsonOptions(json => Strictly(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
        services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        Access.Add(services);
        more(services);

        var app = builder.Build();
        if (app.Services.GetService<MetricsPort>() is { } metrics) app.Use((http, next) => metrics.Is(http) ? metrics.Page.Answer(http) : next(http));
        app.UseSerilogRequestLogging();
        app.Use(CountAnswers);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = Unhandled,
            SuppressDiagnosticsCallback = context => IsTheCallers(context.Exception),
        });
        app.UseStatusCodePages(BareStatus);
        app.UseHsts();
        if (gathers) app.Use(KnowCallers.Handle);
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        if (!gathers) app.Use(OnlyWhileLogged);
        Map(app);
        // Otherwise routes are known only once the server runs, and the API's description is written without one.
        ((IApplicationBuilder)app).UseEndpoints(_ => { });
        return app;
    }

    // As StrictJson, but with escapes, which PEM in JSON cannot do without.
    private static void Strictly(JsonSerializerOptions json)
    {
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.AllowDuplicateProperties = false;
        json.PropertyNameCaseInsensitive = false;
        json.MaxDepth = 8;
    }

    // What goes on without being asked.
    private static void AddWork(IServiceCollection services, DataFolder data)
    {
        services.AddSingleton<Sequencer>();
        services.AddHostedService<SequencerLoop>();
        if (data.ReadEngine() is { } engine) services.AddMessages(AddModules, new Broker(engine.Rabbitmq));
        else services.AddMessages(AddModules);
        services.AddSingleton<Relay>();
        services.AddHostedService<RelayLoop>();
        services.AddHostedService<SweepParts>();
        services.AddHostedService<ExpireReferrals>();
        services.AddHostedService<ClimbChain>();
        services.AddHostedService<ChaseOwed>();
        services.AddHostedService<EraseRecords>();
    }

    private static void AddModules(Messages.Builder messages) => Notifications.Module.Messages(messages);

    private static void Map(WebApplication app)
    {
        Health.Map(app);
        var v1 = app.MapGroup("/v1");
        var joined = v1.MapGroup("").RequireAuthorization(Access.Joined);
        var active = v1.MapGroup("").RequireAuthorization(Access.Active);
        Join.Map(v1);
        GetDirectory.Map(v1, joined);
        PostEvent.Map(joined);
        RecoverDirectory.Map(v1);
        Recover.Map(v1);
        RenewCertificate.Map(joined);
        GetLog.Map(joined, LogName.Audit);
        GetOpening.Map(joined);
        GetReceipt.Map(joined);
        UploadPart.Map(active);
        Gather.Map(active);
        active.MapProfiles();
        active.MapConsents();
        active.MapReferrals();
        active.MapNotifications();
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = Limits.Connections;
        limits.MaxRequestBodySize = Limits.BodyBytes;
        limits.MaxRequestHeaderCount = Limits.Headers;
        limits.MaxRequestHeadersTotalSize = Limits.HeaderBytes;
        limits.MaxRequestBufferSize = Limits.BufferBytes;
        limits.MaxResponseBufferSize = Limits.BufferBytes;
        limits.Http2.InitialStreamWindowSize = Limits.BufferBytes;
        limits.Http2.InitialConnectionWindowSize = Limits.BufferBytes;
        limits.RequestHeadersTimeout = Limits.HeadersTime;
        limits.KeepAliveTimeout = Limits.KeepAlive;
        limits.MinRequestBodyDataRate = new(Limits.BytesPerSecond, Limits.SlowTime);
        limits.MinResponseDataRate = new(Limits.BytesPerSecond, Limits.SlowTime);
    }

    // Ids and codes only: nothing here logs a query string, a header or a body.
    private static void Write(LoggerConfiguration log, DataFolder data) => log
        .MinimumLevel.Information()
        .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
        .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
        .MinimumLevel.Override(typeof(Access).FullName!, LogEventLevel.Warning)
        .Enrich.FromLogContext()
        .WriteTo.Console(new CompactJsonFormatter())
        .WriteTo.File(new CompactJsonFormatter(), Path.Combine(data.Logs, "hub-.jsonl"), rollingInterval: RollingInterval.Day);

    private static Task Unhandled(HttpContext http)
    {
        var error = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        var refusal = error switch
        {
            BadHttpRequestException { StatusCode: var status } => Of(status),
            { } failed when failed.Failed() => Refusal.StoreFailed,
            _ => Refusal.Internal,
        };
        return refusal.ToProblem().ExecuteAsync(http);
    }

    private static async Task CountAnswers(HttpContext http, RequestDelegate next)
    {
        var meters = http.RequestServices.GetRequiredService<HubMeters>();
        await next(http);
        // Where an error was handled its route is no longer the endpoint's.
        var endpoint = http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint();
        meters.Answered((endpoint as RouteEndpoint)?.RoutePattern.RawText?.TrimStart('/'), http.Response.StatusCode);
    }

    // A body that is too slow, too long or cut off: Kestrel throws before RequestAborted is set, so the middleware alone
    // would sometimes log a lost line as an error of ours.
    private static bool IsTheCallers(Exception error) => error is BadHttpRequestException or ConnectionResetException;

    private static Task BareStatus(StatusCodeContext context) =>
        Of(context.HttpContext.Response.StatusCode).ToProblem().ExecuteAsync(context.HttpContext);

    private static Refusal Of(int status) => status switch
    {
        404 => Refusal.NotFound,
        405 => Refusal.WrongMethod,
        408 => Refusal.TooSlow,
        413 => Refusal.TooLarge,
        415 => Refusal.WrongMediaType,
        >= 500 => Refusal.Internal,
        _ => Refusal.Malformed,
    };

    // Reading stays possible: members must be able to see how far the log got.
    private static Task OnlyWhileLogged(HttpContext http, RequestDelegate next) =>
        HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            || !http.RequestServices.GetRequiredService<LogHealth>().IsBehind
                ? next(http)
                : Refusal.LogBehind.ToProblem().ExecuteAsync(http);
}
