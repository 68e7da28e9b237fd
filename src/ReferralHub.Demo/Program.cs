using System.CommandLine;
using System.Runtime.InteropServices;
using ReferralHub.Demo;
using ReferralHub.Demo.Local;

var once = new Option<bool>("--once") { Description = "Tell the stories and end." };
var root = new RootCommand("Starts a hub, a police unit, a hospital, a shelter and an NGO on this machine and tells how they hand referrals to each other.") { once };
root.SetAction((parsed, ct) => Show.Run(parsed.GetValue(once), ct));

var port = new Option<int?>("--port") { Description = "The hub's port on 127.0.0.1; any free one without." };
var local = new Command("local", "Starts the services of docker-compose.yml on this machine, from Debian's packages, and hands one referral over.") { once, port };
local.SetAction((parsed, ct) => LocalServices.Run(parsed.GetValue(once), parsed.GetValue(port), ct));
root.Add(local);

// Ending takes as long as the servers need to finish; who cannot wait presses Ctrl-C once more.
using var stop = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stop.Token);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
