using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Servers;

/// <summary>
/// A Debian server on a random port of the loopback address, with a folder and an unprivileged user of its own. It ends with this
/// process, however that ends.
/// </summary>
internal abstract class Server : IAsyncDisposable
{
    private static readonly TimeSpan UpWithin = TimeSpan.FromMinutes(2); // a busy machine
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private const UnixFileMode Pass = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // Holds the server as its child, and ends what the pid file names when its standard input does: when we are gone.
    private const string Keeper =
        """
        exec 3<&0 2>> "$2"
        "${@:3}" <&- >&2 &
        child=$!
        read -r _ <&3
        kill -KILL $(head -n 1 "$1") $child # it may have ended before
        """;

    private readonly string? _user;
    private Process? _keeper;

    protected Server(string folder, string name, string user)
    {
        Folder = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | Pass); // for its user; what else is in it stays as private as it is
        Name = name;
        _user = Environment.IsPrivilegedProcess ? user : null;
        Port = Loopback.FreePort();
    }

    public int Port { get; }

    /// <summary>The process that is the server.</summary>
    public int Id => int.Parse(File.ReadLines(PidFile).First().Trim(), null);

    /// <summary>What it logged, for people.</summary>
    public string Log => Path.Combine(Folder, Name + ".log");

    protected string Folder { get; }

    protected string Name { get; }

    protected abstract string PidFile { get; }

    /// <summary>Starts it, again too, and waits until it answers.</summary>
    public async Task Start(CancellationToken ct)
    {
        await Own(ct);
        _keeper?.Dispose();
        var start = AsUser("bash", ["-c", Keeper, "keeper", PidFile, Log, .. CommandLine()]);
        start.RedirectStandardInput = true;
        foreach (var (name, value) in Environs()) start.Environment[name] = value;
        _keeper = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(UpWithin);
        try
        {
            while (!await Answers(limit.Token)) await Task.Delay(Pause, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ProcessFailedException($"{Name} does not answer", File.ReadAllLines(Log));
        }
    }

    /// <summary>As a power cut does; returns when nothing answers any more.</summary>
    public async Task Kill(CancellationToken ct)
    {
        Send(Signals.Kill);
        while (await IsOpen(ct)) await Task.Delay(Pause, ct);
    }

    /// <summary>Asks it to end; returns when nothing answers any more.</summary>
    public async Task Stop(CancellationToken ct)
    {
        Send(Signals.Terminate);
        while (await IsOpen(ct)) await Task.Delay(Pause, ct);
    }

    /// <summary>Lets it hang: what comes is taken by the kernel and not answered.</summary>
    public void Freeze() => Send(Signals.Stop);

    public void Thaw() => Send(Signals.Continue);

    public async ValueTask DisposeAsync()
    {
        if (_keeper is null) return;
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
        await Disposing();
    }

    /// <summary>What is started, without the user.</summary>
    protected abstract IEnumerable<string> CommandLine();

    protected virtual IEnumerable<(string Name, string Value)> Environs() => [];

    /// <summary>Whether it is ready for what the tests ask.</summary>
    protected virtual Task<bool> Answers(CancellationToken ct) => IsOpen(ct);

    protected static async Task<bool> Succeeds(Func<CancellationToken, Task> check, CancellationToken ct)
    {
        try
        {
            await check(ct);
            return true;
        }
        catch (ProcessFailedException)
        {
            return false;
        }
    }

    protected virtual ValueTask Disposing() => ValueTask.CompletedTask;

    /// <summary>Runs a program as the server's user.</summary>
    protected async Task<string> Run(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = AsUser(program, arguments);
        foreach (var (name, value) in Environs()) start.Environment[name] = value;
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? await output : throw new ProcessFailedException($"exit code {process.ExitCode} of {program}", (await output + await error).Split('\n'));
    }

    /// <summary>Gives all in the folder to the server's user.</summary>
    protected async Task Own(CancellationToken ct)
    {
        if (_user is not null) (await Executable.Tool("chown").Run(["-R", _user + ":", Folder], ct)).Succeeded();
    }

    protected ProcessStartInfo AsUser(string program, IEnumerable<string> arguments)
    {
        string[] all = _user is null ? [program, .. arguments] : ["setpriv", $"--reuid={_user}", $"--regid={_user}", "--init-groups", "--", program, .. arguments];
        return new(all[0], all[1..]) { WorkingDirectory = Folder };
    }

    private void Send(int signal)
    {
        if (!Signals.Send(Id, signal)) throw new ProcessFailedException($"{Name} got no signal {signal}", []);
    }

    private async Task<bool> IsOpen(CancellationToken ct)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
