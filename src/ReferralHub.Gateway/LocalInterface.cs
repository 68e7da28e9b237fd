using System.Text.Json;
using ReferralHub.Client;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Gateway.Claims;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Duty;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Gateway.Screening;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace ReferralHub.Gateway;

/// <summary>The gateway's HTTP interface on its Unix socket, and everything behind it.</summary>
internal static class LocalInterface
{
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromSeconds(10);

    /// <summary>Puts the gateway together; the caller starts and disposes it, and keeps what it passes in until then.</summary>
    public static WebApplication Build(DataFolder folder, OwnAgency own, HubClient hub, FollowDirectory directory, TimeProvider clock, Action<IServiceCollection>? change = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSerilog(log => log
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .WriteTo.Console(new CompactJsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = Limits.AttachmentBytes + Limits.RequestBytes;
            kestrel.Limits.MinRequestBodyDataRate = null; // a command may wait for its user
            kestrel.ListenUnixSocket(folder.Socket);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTime);
        builder.Services.ConfigureHttpJsonOptions(json => UseLocalJson(json.SerializerOptions));
        builder.Services.AddDbContextFactory<GatewayDb>(options => GatewayDb.Configure(options, folder.Database));
        builder.Services.AddSingleton(folder).AddSingleton(own).AddSingleton(own.Id).AddSingleton(hub).AddSingleton(directory).AddSingleton(clock);
        builder.Services.AddSingleton<FollowAuditLog>().AddSingleton<Outbox>().AddSingleton<Dispatch>().AddSingleton<PartFiles>().AddSingleton<FileKeys>().AddSingleton<DestroyKeys>().AddSingleton<Copies>();
        builder.Services.AddSingleton<Envelopes>().AddSingleton<ContentChecks>().AddSingleton<CustodyOf>().AddSingleton<SignIn>().AddSingleton<Acts>().AddSingleton<Letters>().AddSingleton<FetchPart>().AddSingleton<TakeFeed>().AddSingleton<Deliver>();
        builder.Services.AddSingleton<CheckReceipts>().AddSingleton<HandInAll>().AddSingleton<Sync>().AddSingleton<Exclusions>().AddSingleton<Looks>().AddSingleton<Profiles>().AddHostedService<KeepUp>();
        builder.Services.AddSingleton<TellPeople>().AddHostedService(services => services.GetRequiredService<TellPeople>());

        change?.Invoke(builder.Services);
        var app = builder.Build();
        app.Use(AnswerRefusalsAsync);
        Map(app);
        return app;
    }

    private static void Map(IEndpointRouteBuilder app)
    {
        AskHealth.Map(app);
        AddPerson.Map(app);
        ListPeople.Map(app);
        ProposeAgreement.Map(app);
        AcceptAgreement.Map(app);
        ListAgreements.Map(app);
        RecordConsent.Map(app);
        RevokeConsent.Map(app);
        ListConsents.Map(app);
        DisablePerson.Map(app);
        SetSecret.Map(app);
        SetContact.Map(app);
        AgencyExclusions.Map(app);
        SendReferral.Map(app);
        Approve.Map(app);
        PlaceHold.Map(app);
        AnswerRevocation.Map(app);
        ListRefusals.Map(app);
        ShowAccount.Map(app);
        Resend.Map(app);
        Sync.Map(app);
        ListReferrals.Map(app);
        ShowReferral.Map(app);
        ShowReceipts.Map(app);
        PlainActs.Map(app);
        ClaimReferral.Map(app);
        EndShift.Map(app);
        Write.Map(app);
        Withdraw.Map(app);
        ChangeUrgency.Map(app);
        Accept.Map(app);
        Decline.Map(app);
        ListAlternatives.Map(app);
        Complete.Map(app);
        Fail.Map(app);
        Close.Map(app);
        ReadSummary.Map(app);
        OpenRecord.Map(app);
        ReadLetters.Map(app);
        ExportEnvelope.Map(app);
        ExportKeys.Map(app);
        ExportEvidence.Map(app);
        ShowDirectory.Map(app);
        CompareFingerprint.Map(app);
        SearchDirectory.Map(app);
        SetProfile.Map(app);
        SetCapacity.Map(app);
        AnswerIndicators.Map(app);
        AddShift.Map(app);
        RemoveShift.Map(app);
        ListShifts.Map(app);
        ListAlarms.Map(app);
        ClearAlarm.Map(app);
    }

    private static void UseLocalJson(JsonSerializerOptions options)
    {
        var local = LocalJson.Options;
        foreach (var converter in local.Converters) options.Converters.Add(converter);
        options.TypeInfoResolver = local.TypeInfoResolver;
        options.PropertyNamingPolicy = local.PropertyNamingPolicy;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = local.UnmappedMemberHandling;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = local.RespectNullableAnnotations;
        options.RespectRequiredConstructorParameters = local.RespectRequiredConstructorParameters;
        options.DefaultIgnoreCondition = local.DefaultIgnoreCondition;
        options.NumberHandling = local.NumberHandling;
        options.Encoder = local.Encoder;
        options.MaxDepth = local.MaxDepth;
    }

    /// <summary>Turns what a request is refused with into the answer that commands read.</summary>
    internal static async Task AnswerRefusalsAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (RefusalOf(e) is { } refused)
        {
            // In the middle of a download there is no other way to say that it is not whole.
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            await http.Response.WriteAsJsonAsync(RefusalBody.Of(refused), LocalJson.Options, http.RequestAborted);
        }
    }

    private static RefusedException? RefusalOf(Exception e) => e switch
    {
        RefusedException refused => refused,
        CommandException command => new(Refusal.Malformed, command.Message),
        HubRefusedException hub => new(Refusal.HubRefused, hub.Message, [hub.Problem.Name, .. hub.Problem.Reasons]),
        HubUnreachableException or HubAnswerException => new(Refusal.HubUnreachable, e.Message),
        BadHttpRequestException or JsonException or EndOfStreamException => new(Refusal.Malformed, "The request is not of its form."),
        { } failed when failed.Failed() => new(Refusal.StoreFailed, "The data folder cannot be written now: make room on its disk or let the gateway write there, then do the same again."),
        _ => null,
    };
}
