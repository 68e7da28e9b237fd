using System.Net;
using System.Net.Sockets;

namespace ReferralHub.SystemTests.Faults;

/// <summary>What stands between the gateways and the hub: passes on every byte, until it is told to cut a connection.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private const int HandshakeTurns = 3;
    private const int Signed = 1 << 10; // a request that carries a statement is longer, one that only asks is shorter
    private const int Large = 4 << 10;

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _turn = new();
    private readonly TcpListener _listener;
    private readonly int _hub;
    private readonly Task _accepting;
    private (FaultKind Kind, TaskCompletionSource Done)? _armed;

    /// <param name="port">Where it listens.</param>
    /// <param name="hub">The port to which it passes everything.</param>
    public Wire(int port, int hub)
    {
        _hub = hub;
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Cuts the next connection that is in the middle of what <paramref name="kind"/> says.</summary>
    /// <returns>Whether one was cut in time.</returns>
    public async Task<bool> Cut(FaultKind kind, TimeSpan within, CancellationToken ct)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_turn) _armed = (kind, done);
        await Task.WhenAny(done.Task, Task.Delay(within, ct));
        lock (_turn) _armed = null;
        return done.Task.IsCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Serve(await _listener.AcceptSocketAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Serve(Socket gateway)
    {
        using var hub = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (gateway)
        {
            gateway.LingerState = hub.LingerState = new(true, 0); // an end here is a reset there
            gateway.NoDelay = hub.NoDelay = true;
            try
            {
                await hub.ConnectAsync(IPAddress.Loopback, _hub, _end.Token);
                var talk = new Talk();
                await await Task.WhenAny(Pump(gateway, hub, talk, isUp: true), Pump(hub, gateway, talk, isUp: false));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The hub is down, or one side is gone: so is the other.
            }
        }
    }

    private async Task Pump(Socket from, Socket to, Talk talk, bool isUp)
    {
        var buffer = new byte[16 << 10];
        while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and var read)
        {
            if (IsCut(talk, isUp, read)) return;
            for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _end.Token);
        }
    }

    private bool IsCut(Talk talk, bool isUp, int read)
    {
        lock (_turn)
        {
            var before = talk.Hear(isUp, read);
            if (_armed is not { } armed || talk.Turns < HandshakeTurns) return false;
            var isIt = armed.Kind switch
            {
                FaultKind.UploadCut => isUp && talk.Length >= Large,
                FaultKind.DownloadCut => !isUp && talk.Length >= Large,
                FaultKind.AnswerCut => !isUp && before >= Signed,
                _ => throw new ArgumentOutOfRangeException(nameof(talk), armed.Kind, null),
            };
            if (isIt) (_armed, _) = (null, armed.Done.TrySetResult());
            return isIt;
        }
    }

    /// <summary>Who speaks on a connection, and how long already.</summary>
    private sealed class Talk
    {
        private bool _isUp;

        public int Turns { get; private set; }

        public long Length { get; private set; }

        /// <returns>How long the other side had spoken when this one began just now; else 0.</returns>
        public long Hear(bool isUp, int read)
        {
            if (isUp == _isUp)
            {
                Length += read;
                return 0;
            }

            var before = Length;
            (_isUp, Length, Turns) = (isUp, read, Turns + 1);
            return before;
        }
    }
}
