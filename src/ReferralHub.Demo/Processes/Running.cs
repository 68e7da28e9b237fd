using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace ReferralHub.Demo.Processes;

/// <summary>A program that stays up until it is stopped or killed. Disposing stops it.</summary>
internal sealed class Running : IAsyncDisposable
{
    private const int Kept = 200;
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly string _name;
    private readonly StreamWriter _log;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Channel<string> _unread = Channel.CreateBounded<string>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Task _pumps;

    public Running(ProcessStartInfo start, string name, string log)
    {
        _name = name;
        _log = new StreamWriter(log, append: true) { AutoFlush = true };
        _process = new Process { StartInfo = start };
        _process.Start();
        Id = _process.Id;
        _pumps = Task.WhenAll(Pump(_process.StandardOutput), Pump(_process.StandardError))
            .ContinueWith(_ => _unread.Writer.Complete(), TaskScheduler.Default);
    }

    /// <summary>The process id; still the same after it ended.</summary>
    public int Id { get; }

    /// <summary>Whether it has ended, however that came about.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What it wrote last, oldest first.</summary>
    public IReadOnlyList<string> LastLines => [.. _lines];

    /// <summary>Waits for the first line not yet waited for that <paramref name="isIt"/> accepts.</summary>
    /// <exception cref="ProcessFailedException">It ended, or the time was up, before such a line came.</exception>
    public async Task<string> WaitForLine(Func<string, bool> isIt, TimeSpan within, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(within);
        try
        {
            await foreach (var line in _unread.Reader.ReadAllAsync(limit.Token))
            {
                if (isIt(line)) return line;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ProcessFailedException($"{_name} was not ready within {within.TotalSeconds} s", LastLines);
        }

        throw new ProcessFailedException($"{_name} ended too early", LastLines);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task Ended(CancellationToken ct) => _process.WaitForExitAsync(ct);

    /// <summary>Sends it a signal, unless it has ended.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited) _ = Signals.Send(Id, signal);
    }

    /// <summary>Asks it to end, as a service manager does.</summary>
    /// <exception cref="ProcessFailedException">It did not end in time, and was killed; or it did not exit with 0.</exception>
    public async Task Stop()
    {
        Signal(Signals.Terminate);
        using var limit = new CancellationTokenSource(StopsWithin);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await Kill();
            throw new ProcessFailedException($"{_name} did not end within {StopsWithin.TotalSeconds} s", LastLines);
        }

        await _pumps;
        if (_process.ExitCode != 0) throw new ProcessFailedException($"{_name} ended with exit code {_process.ExitCode}", LastLines);
    }

    /// <summary>Ends it at once, as a power cut does: it gets no chance to finish anything.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _pumps;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await Stop();
        await _pumps;
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private async Task Pump(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
            if (_lines.Count > Kept) _lines.TryDequeue(out _);
            lock (_log) _log.WriteLine(line);
            _unread.Writer.TryWrite(line);
        }
    }
}
