using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ReferralHub.Hub.Metrics;

/// <summary>Where the operator wants to see what is counted: on a page, at a collector, or nowhere.</summary>
internal sealed class MetricsSettings
{
    private readonly Uri? _collector;

    /// <exception cref="SettingsException">A value cannot be right.</exception>
    public MetricsSettings(string? page, string? collector)
    {
        if (page is not null)
        {
            // In the clear, and so for whoever is on this machine.
            Page = IPEndPoint.TryParse(page, out var endpoint) && endpoint.Port > 0 && IPAddress.IsLoopback(endpoint.Address)
                ? endpoint
                : throw new SettingsException("--metrics", page, "Give an address of this machine alone and a port, as in 127.0.0.1:9464.");
        }

        if (collector is not null)
        {
            _collector = Uri.TryCreate(collector, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
                ? url
                : throw new SettingsException("--otlp", collector, "Give https://HOST:PORT/v1/metrics, or http:// on this machine.");
        }
    }

    /// <summary>Where the page is; null when there is none.</summary>
    public IPEndPoint? Page { get; }

    public void Add(IServiceCollection services)
    {
        if (Page is not null || _collector is not null) services.AddHostedService<Measure>();
        if (Page is not null)
        {
            services.AddSingleton<MetricsPage>();
            services.AddSingleton(provider => new MetricsPort(Page.Port, provider.GetRequiredService<MetricsPage>()));
            services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(Page));
        }

        if (_collector is not null)
        {
            services.AddOpenTelemetry().ConfigureResource(resource => resource.Clear().AddService("referralhub")).WithMetrics(metrics => metrics
                .AddMeter(HubMeters.Name)
                .AddOtlpExporter((exporter, reader) =>
                {
                    (exporter.Endpoint, exporter.Protocol) = (_collector, OtlpExportProtocol.HttpProtobuf);
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = Limits.MetricsSeconds * 1000;
                }));
        }
    }
}

/// <summary>The port that shows the page and nothing else, as every other port shows all but the page.</summary>
internal sealed record MetricsPort(int Port, MetricsPage Page)
{
    public bool Is(HttpContext http) => http.Connection.LocalPort == Port;
}
