using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ReferralHub.Hub.Metrics;

/// <summary>
/// <c>/metrics</c> in Prometheus' text form, on a port of its own that only this machine reaches. Spec: Prometheus exposition
/// format 0.0.4.
/// </summary>
internal sealed class MetricsPage : IDisposable
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MetricsPage(HubMeters meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // By the object: another hub in this process has a meter of this name, too.
            if (instrument.Meter != meters.Meter) return;
            lock (_lock) _families.Add(instrument.Name, new(instrument));
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Take(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Take(instrument, value, labels));
        _listener.Start();
    }

    /// <summary>Answers what comes to the page's port, and nothing else does there.</summary>
    public Task Answer(HttpContext http)
    {
        if (http.Request.Path != "/metrics" || !HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        http.Response.ContentType = ContentType;
        return http.Response.WriteAsync(Write(), http.RequestAborted);
    }

    /// <summary>The page.</summary>
    public string Write()
    {
        var page = new StringBuilder();
        lock (_lock)
        {
            foreach (var family in _families.Values) family.Write(page);
        }

        return page.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        lock (_lock) _families[instrument.Name].Take(value, Label(labels));
    }

    private static string Label(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels.IsEmpty) return "";
        var text = new StringBuilder("{");
        foreach (var (name, value) in labels)
        {
            if (text.Length > 1) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{name}=\"{Escape(Convert.ToString(value, CultureInfo.InvariantCulture)!)}\"");
        }

        return text.Append('}').ToString();
    }

    private static string Escape(string value) =>
        value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    // One instrument: a counter's sums since the start, or what a gauge stands at.
    private sealed class Family(Instrument instrument)
    {
        private readonly SortedDictionary<string, double> _series = new(StringComparer.Ordinal);
        private readonly bool _counts = instrument is Counter<long>;

        private string Name => instrument.Name.Replace('.', '_') + (_counts ? "_total" : instrument.Unit == "s" ? "_seconds" : "");

        public void Take(double value, string labels) => _series[labels] = _counts ? _series.GetValueOrDefault(labels) + value : value;

        public void Write(StringBuilder page)
        {
            page.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {instrument.Description}\n# TYPE {Name} {(_counts ? "counter" : "gauge")}\n");
            foreach (var (labels, value) in _series) page.Append(CultureInfo.InvariantCulture, $"{Name}{labels} {value}\n");
        }
    }
}
