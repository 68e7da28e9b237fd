using System.CommandLine;
using System.Runtime.InteropServices;
using ReferralHub.Demo;

var once = new Option<bool>("--once") { Description = "Tell the story and end." };
var root = new RootCommand("Starts a hub, a police unit and a shelter on this machine and hands a referral from one to the other and back.") { once };
root.SetAction(async (parsed, ct) =>
{
    // A terminal sends Ctrl-C to all processes at once, and so nobody is left over.
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });
    return await Show.Run(parsed.GetValue(once), stop.Token);
});
return await root.Parse(args).InvokeAsync();
