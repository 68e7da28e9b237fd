using System.Diagnostics.Metrics;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>
/// What the hub counts, for the operator. Labels are codes, status codes and the templates of routes: never an id, an agency, a handle
/// or a path, by which somebody could be followed (docs/operations.md, Metrics; docs/decisions/0030-metrics-count-and-name-nobody.md).
/// </summary>
internal sealed class HubMeters
{
    public const string Name = "ReferralHub";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _statements;
    private readonly Counter<long> _refusals;
    private readonly Gauge<long> _outboxWaiting;
    private readonly Gauge<double> _outboxAge;
    private readonly Gauge<long> _parked;
    private readonly Gauge<long> _logWaiting;
    private readonly Gauge<double> _logAge;
    private readonly Gauge<long> _overdue;
    private readonly Gauge<long> _uploads;

    public HubMeters(IMeterFactory meters)
    {
        Meter = meters.Create(Name);
        _requests = Meter.CreateCounter<long>("referralhub.requests", "{request}", "Requests answered, by the template of their route and the status");
        _statements = Meter.CreateCounter<long>("referralhub.statements", "{statement}", "Statements that took effect, by kind");
        _refusals = Meter.CreateCounter<long>("referralhub.refusals", "{refusal}", "Requests refused, by the problem's type");
        _outboxWaiting = Meter.CreateGauge<long>("referralhub.outbox.waiting", "{message}", "Messages in the outbox");
        _outboxAge = Meter.CreateGauge<double>("referralhub.outbox.age", "s", "Age of the oldest of them");
        _parked = Meter.CreateGauge<long>("referralhub.outbox.parked", "{message}", "Messages that can never be delivered");
        _logWaiting = Meter.CreateGauge<long>("referralhub.log.waiting", "{event}", "Events without a place in the audit log");
        _logAge = Meter.CreateGauge<double>("referralhub.log.age", "s", "Age of the oldest of them");
        _overdue = Meter.CreateGauge<long>("referralhub.overdue", "{clock}", "What is owed and missed, by class");
        _uploads = Meter.CreateGauge<long>("referralhub.uploads", "{upload}", "Uploads under way");
    }

    public Meter Meter { get; }

    /// <param name="route">The template, without its first slash; null when the path has none.</param>
    /// <param name="status">The answer's.</param>
    public void Answered(string? route, int status) => _requests.Add(1, new("route", route is null ? "none" : $"/{route}"), new("status", status));

    public void Took(StatementKind kind) => _statements.Add(1, new KeyValuePair<string, object?>("kind", Code.Text(kind)));

    /// <param name="type">The end of the problem's type.</param>
    public void Refused(string type) => _refusals.Add(1, new KeyValuePair<string, object?>("type", type));

    public void Stand(long waiting, TimeSpan oldest, long parked)
    {
        _outboxWaiting.Record(waiting);
        _outboxAge.Record(oldest.TotalSeconds);
        _parked.Record(parked);
    }

    public void StandLog(long waiting, TimeSpan oldest)
    {
        _logWaiting.Record(waiting);
        _logAge.Record(oldest.TotalSeconds);
    }

    public void StandOverdue(ClockKind kind, long count) => _overdue.Record(count, new KeyValuePair<string, object?>("clock", Code.Text(kind)));

    public void StandUploads(int underWay) => _uploads.Record(underWay);
}
