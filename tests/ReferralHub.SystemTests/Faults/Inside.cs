using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ReferralHub.SystemTests.Faults;

/// <summary>
/// Runs inside a hub or a gateway: listens to what ASP.NET Core and EF Core tell of themselves, counts the requests in flight and what
/// came a second time where the campaign can read it even after the process has ended, and ends the process at the point that the
/// campaign has armed.
/// </summary>
internal sealed class Inside : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";
    private const string Inbox = "INSERT INTO inbox";
    private const string Changes = "changes";

    private readonly Lock _turn = new();
    private readonly MemoryMappedViewAccessor _counts;
    private readonly string _armed;
    private readonly string _fired;
    private readonly ConcurrentDictionary<Guid, bool> _consuming = new();

    private Inside(string folder)
    {
        _armed = Probe.Armed(folder);
        _fired = Probe.Fired(folder);
        _counts = MemoryMappedFile.CreateFromFile(Probe.Counts(folder), FileMode.OpenOrCreate, null, Probe.CountsBytes).CreateViewAccessor();
        _counts.Write(Probe.InFlightAt, 0);
    }

    public static void Attach(string folder) => DiagnosticListener.AllListeners.Subscribe(new Inside(folder));

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name is "Microsoft.AspNetCore" or "Microsoft.EntityFrameworkCore") value.Subscribe(this, IsWanted);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        switch (value.Value)
        {
            case HttpContext http when HttpMethods.IsPost(http.Request.Method) || HttpMethods.IsPut(http.Request.Method):
                if (value.Key == Request + ".Start") Begin();
                else End(http);
                break;
            case CommandExecutedEventData { Result: 0, Command.CommandText: var sql } when sql.StartsWith(Inbox, StringComparison.Ordinal):
                Count(Probe.AgainAt, 1); // the inbox had the message already
                break;
            case CommandEventData { Command.CommandText: var sql, ConnectionId: var connection }:
                if (sql.StartsWith(Inbox, StringComparison.Ordinal)) _consuming[connection] = true;
                if (sql.Contains("DELETE FROM \"outbox\"", StringComparison.OrdinalIgnoreCase)) EndAt(Point.BeforeDelete);
                break;
            case TransactionEventData when value.Key == RelationalEventId.TransactionCommitting.Name:
                EndAt(IsInRequest() ? Point.BeforeCommit : Point.BeforeRound);
                break;
            case TransactionEndEventData { ConnectionId: var connection } when value.Key == RelationalEventId.TransactionCommitted.Name:
                if (_consuming.TryRemove(connection, out _)) EndAt(Point.AfterConsume);
                else EndAt(IsInRequest() ? Point.AfterCommit : Point.AfterRound);
                break;
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static bool IsWanted(string name) =>
        name.StartsWith(Request, StringComparison.Ordinal)
        || name == RelationalEventId.CommandExecuting.Name
        || name == RelationalEventId.CommandExecuted.Name
        || name == RelationalEventId.TransactionCommitting.Name
        || name == RelationalEventId.TransactionCommitted.Name;

    private static bool IsInRequest()
    {
        for (var activity = Activity.Current; activity is not null; activity = activity.Parent)
        {
            if (activity.GetCustomProperty(Changes) is not null) return true;
        }

        return false;
    }

    private void Begin()
    {
        Activity.Current?.SetCustomProperty(Changes, Changes);
        Count(Probe.InFlightAt, 1);
    }

    // The hub answers 201 to a statement, and 200 to one that it has already.
    private void End(HttpContext http)
    {
        Count(Probe.InFlightAt, -1);
        if (http.Response is { StatusCode: StatusCodes.Status200OK, ContentType: "application/jose" }) Count(Probe.AgainAt, 1);
    }

    private void Count(int at, int more)
    {
        lock (_turn) _counts.Write(at, _counts.ReadInt32(at) + more);
    }

    // The file says which point; whoever moves it away ends the process, and with that it is seen to have happened.
    private void EndAt(Point point)
    {
        if (!File.Exists(_armed)) return;
        try
        {
            if (File.ReadAllText(_armed) != point.ToString()) return;
            File.Move(_armed, _fired);
        }
        catch (IOException)
        {
            return; // another thread was there first
        }

        Process.GetCurrentProcess().Kill();
    }
}
