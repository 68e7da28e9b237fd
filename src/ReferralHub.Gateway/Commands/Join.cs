using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Directory;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// <c>join URL --fingerprint F --token T</c>: meets the hub, checks that it is the one that F names, hands in the enrolment,
/// takes the certificate and replays the whole directory. Whatever breaks off can be run again. Spec: docs/protocol.md §4, §6.
/// </summary>
internal static class Join
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private static readonly Argument<string> Url = new("URL") { Description = "The hub: https://host:port/" };
    private static readonly Option<string> HubFingerprint = new("--fingerprint") { Description = "F, 64 hex digits, as you got it from somebody you trust.", Required = true };
    private static readonly Option<string> Token = new("--token") { Description = "The invitation's token.", Required = true };
    private static readonly Option<int> Wait = new("--wait") { Description = "Seconds to wait for a registrar's signature." };

    /// <summary>What <c>join</c> prints.</summary>
    /// <param name="Agency">The agency's id.</param>
    /// <param name="Hub">The hub's address.</param>
    /// <param name="Enrolled">Whether the directory has us: whether a registrar signed.</param>
    /// <param name="Digits">What to read out to a registrar, 60 digits in groups of five.</param>
    /// <param name="Words">The same in twelve words.</param>
    /// <param name="DirectorySize">Entries replayed.</param>
    internal sealed record Joined(string Agency, string Hub, bool Enrolled, string Digits, string Words, long DirectorySize) : Output
    {
        public override int ExitCode() => Enrolled ? Exit.Good : Exit.Advice;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"{Agency} joined {Hub}; {DirectorySize} directory entries replayed");
            to.WriteLine(Enrolled ? "enrolled: yes" : $"enrolled: not yet. A registrar must sign; read out to it the digits or the words:\n  {Digits}\n  {Words}");
        }
    }

    public static Command Command() => Cli.OnData(
        "join", "Join a hub.", [Url, HubFingerprint, Token, Wait, Passphrase.FileOption], async (parsed, folder, ct) =>
        {
            var url = Address(parsed.GetRequiredValue(Url));
            var text = parsed.GetRequiredValue(HubFingerprint);
            if (!Digest.TryParse(text, out var fingerprint)) throw Cli.Malformed($"--fingerprint {text}: not 64 lowercase hex digits.");

            await using var only = folder.TakeLock();
            using var passphrase = Passphrase.Read(parsed);
            using var own = OwnAgency.Unlock(folder, passphrase.Utf8);
            await using var db = new GatewayDb(GatewayDb.At(folder.Database));
            await db.UpgradeAsync(ct);

            var binding = await MeetAsync(db, own, url, fingerprint, ct);
            var follow = new FollowDirectory(own.Id, own.Enrolment.PayloadDigest, TimeProvider.System, NullLogger<FollowDirectory>.Instance);
            await follow.LoadAsync(db, fingerprint, ct);
            own.RequireMatch(folder, follow.Current);
            await ReceiveCertificateAsync(db, own, binding, follow, parsed.GetRequiredValue(Token), ct);

            using var certificate = own.Certificate(binding.Certificates!);
            using var hub = new HubClient(url, follow.Current.Genesis.Ca, certificate, TimeProvider.System);
            var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(parsed.GetValue(Wait));
            await follow.RunAsync(db, hub, ct);
            while (!follow.IsEnrolled && TimeProvider.System.GetUtcNow() < until)
            {
                await Task.Delay(Poll, ct);
                await follow.RunAsync(db, hub, ct);
            }

            await Alarms.RequireSealingAsync(db, ct);
            var mine = Fingerprint.Of(follow.Current.Genesis.Origin, own.Id, own.Event.Recovery);
            return new Joined(
                own.Id.ToString(), url.ToString(), follow.IsEnrolled, Fingerprint.Digits(mine), Fingerprint.Words(mine), follow.Current.Size);
        });

    internal static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/" && url.UserInfo.Length == 0
            ? url
            : throw Cli.Malformed($"URL {text}: must look like https://host:port/");

    private static async Task<HubBinding> MeetAsync(GatewayDb db, OwnAgency own, Uri url, Digest fingerprint, CancellationToken ct)
    {
        if (await db.Bindings.SingleOrDefaultAsync(ct) is { } known)
        {
            return known.Fingerprint == fingerprint && known.Url == url.ToString()
                ? known
                : throw new CommandException("other-hub", $"This gateway belongs to {known.Url}, fingerprint {known.Fingerprint}. Another hub needs another data folder.");
        }

        var genesis = await HubClient.FetchGenesisAsync(url, fingerprint, TimeProvider.System, ct);
        var binding = new HubBinding { Url = url.ToString(), Fingerprint = fingerprint, CertificateRequest = own.RequestCertificate() };
        await db.Write(
            () =>
            {
                db.Bindings.Add(binding);
                db.DirectoryEntries.Add(FollowDirectory.First(genesis));
                return Task.CompletedTask;
            },
            ct);
        return binding;
    }

    private static async Task ReceiveCertificateAsync(
        GatewayDb db, OwnAgency own, HubBinding binding, FollowDirectory follow, string token, CancellationToken ct)
    {
        if (binding.Certificates is not null) return;
        using var stranger = new HubClient(new Uri(binding.Url), follow.Current.Genesis.Ca, certificate: null, TimeProvider.System);
        var chain = await stranger.JoinAsync(token, own.Enrolment, binding.CertificateRequest, ct);
        using (own.Certificate(chain))
        {
            // Only a certificate for our own key can be put together with it.
        }

        await db.Write(
            async () =>
            {
                var row = await db.Bindings.SingleAsync(ct);
                row.Certificates = binding.Certificates = chain;
            },
            ct);
    }
}
