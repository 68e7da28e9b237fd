using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// <c>recover URL --fingerprint F</c>: on an empty folder, with the line on the recovery key's paper, an agency that has lost
/// its keys makes new ones, comes back, and learns from the hub what it and others have said. Whatever breaks off can be run
/// again. Spec: docs/protocol.md §4.2, §6.
/// </summary>
internal static class RecoverAgency
{
    private const string Prefix = "REFERRALHUB-RECOVERY-";
    private const int MaxPaper = 64 * 1024;

    private static readonly Argument<string> Url = new("URL") { Description = "The hub: https://host:port/" };
    private static readonly Option<string> FOption = new("--fingerprint") { Description = "F, 64 hex digits, as you got it from somebody you trust.", Required = true };
    private static readonly Option<string?> Paper = new("--recovery-file") { Description = "File with the paper's text; without it you are asked to type the line." };
    private static readonly Option<int?> LastGood = new("--last-good") { Description = "Number of the last event that was ours; what came later is void. All of them otherwise." };
    private static readonly Option<long?> Since = new("--compromised-since") { Description = "Size of the audit log from which on what our old keys signed is suspect." };
    private static readonly Option<bool> Show = new("--show") { Description = "Only show our events in the directory." };

    /// <summary>An event of ours in the directory.</summary>
    /// <param name="Seq">Its number.</param>
    /// <param name="Event">What happened.</param>
    /// <param name="Entry">Its place in the directory.</param>
    internal sealed record Listed(int Seq, string Event, long Entry);

    /// <summary>What <c>recover</c> prints.</summary>
    /// <param name="Agency">The agency's id.</param>
    /// <param name="Recovered">Whether it is back; false with <c>--show</c>.</param>
    /// <param name="Events">Its events in the directory before.</param>
    /// <param name="Referrals">Referrals that it learned again.</param>
    internal sealed record Done(string Agency, bool Recovered, IReadOnlyList<Listed> Events, int Referrals) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"agency: {Agency}");
            foreach (var step in Events) to.WriteLine($"  {step.Seq}  {step.Event}  entry {step.Entry}");
            if (!Recovered) return;
            to.WriteLine($"recovered with new keys; {Referrals} referrals are known again");
            to.WriteLine("next: referral-gateway serve, then people add. What was sealed to the lost key opens only with a backup: keys restore FILE; else its sender seals it anew.");
        }
    }

    public static Command Command() => Cli.OnData(
        "recover", "Come back by the recovery key on paper.", [Url, FOption, Paper, LastGood, Since, Show, Passphrase.FileOption], async (parsed, folder, ct) =>
        {
            var url = Join.Address(parsed.GetRequiredValue(Url));
            var text = parsed.GetRequiredValue(FOption);
            if (!Digest.TryParse(text, out var fingerprint)) throw Cli.Malformed($"--fingerprint {text}: not 64 lowercase hex digits.");

            using var recovery = ReadPaper(parsed.GetValue(Paper));
            var genesis = await HubClient.FetchGenesisAsync(url, fingerprint, TimeProvider.System, ct);
            var found = await ReadDirectoryAsync(url, fingerprint, genesis, recovery, ct);
            var events = found.Agency.Steps.Select(s => new Listed(s.Seq, s.Change is { } change ? Code.Text(change) : "enrol", s.Index)).ToList();
            if (parsed.GetValue(Show)) return new Done(found.Agency.Id.ToString(), false, events, 0);

            folder.Create();
            await using var only = folder.TakeLock();
            await using var db = new GatewayDb(GatewayDb.At(folder.Database));
            await db.UpgradeAsync(ct);
            using var passphrase = File.Exists(folder.Keys) ? Passphrase.Read(parsed) : Passphrase.ReadNew(parsed);
            using var own = await BeginAsync(db, folder, url, fingerprint, genesis, found, recovery, (parsed.GetValue(LastGood), parsed.GetValue(Since)), passphrase, ct);
            var referrals = await EndAsync(db, own, ct);
            return new Done(own.Id.ToString(), true, events, referrals);
        });

    /// <summary>Reads the key from a paper's text, wherever the line stands in it.</summary>
    internal static RecoveryKey ReadPaper(string? file)
    {
        var bytes = file is null ? ReadTyped() : ReadFile(file);
        try
        {
            var at = Encoding.ASCII.GetString(bytes).IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
            var line = at < 0 ? [] : bytes.AsSpan(at);
            var end = line.IndexOfAny("\n\r \0"u8);
            Span<char> chars = stackalloc char[128];
            line = end < 0 ? line : line[..end];
            if (line.Length > chars.Length || !RecoveryKey.TryParse(chars[..Encoding.ASCII.GetChars(line, chars)], out var key))
                throw Cli.Malformed($"{file ?? "What was typed"}: no line that begins with {Prefix} and is typed right.");
            chars.Clear();
            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static byte[] ReadFile(string file)
    {
        // It may be a pipe, which has no length.
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var bytes = GC.AllocateArray<byte>(MaxPaper + 1, pinned: true);
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) <= MaxPaper) return bytes;
        CryptographicOperations.ZeroMemory(bytes);
        throw Cli.Malformed($"--recovery-file {file}: more than {MaxPaper} bytes.");
    }

    private static byte[] ReadTyped()
    {
        if (Console.IsInputRedirected) throw new CommandException("no-recovery-key", "--recovery-file is not set, and nobody is there to type the line.");
        Console.Error.Write("The line on the recovery key's paper: ");
        return Encoding.ASCII.GetBytes(Console.ReadLine() ?? "");
    }

    private static async Task<Found> ReadDirectoryAsync(Uri url, Digest fingerprint, byte[] genesis, RecoveryKey recovery, CancellationToken ct)
    {
        AgencyDirectory.TryBegin(genesis, fingerprint, out var directory, out _);
        using var stranger = new HubClient(url, directory!.Genesis.Ca, certificate: null, TimeProvider.System);
        var request = new RecoveryRequest { Origin = directory.Genesis.Origin, IssuedAt = WireTime.Whole(TimeProvider.System.GetUtcNow()) };
        var entries = await stranger.GetDirectoryForRecoveryAsync(Jws.Sign(recovery.Signing, RecoveryRequest.Typ, StrictJson.Write(request)), ct);
        foreach (var entry in entries.Skip(1))
        {
            if (!directory.TryAppend(entry, out var next, out var fault)) throw new HubAnswerException($"Entry {directory.Size} of the directory breaks its rules: {Code.Text(fault)}.");
            directory = next;
        }

        var agency = directory.Agencies.FirstOrDefault(a => a.Recovery.Equals(recovery.Signing.VerifyingKey))
            ?? throw new CommandException("unknown-agency", "No agency in the directory has this recovery key.");
        return new(agency, entries[(int)agency.Index]);
    }

    // Everything is kept before the hub hears of it: run again, it is the same event with the same keys.
    private static async Task<OwnAgency> BeginAsync(
        GatewayDb db, DataFolder folder, Uri url, Digest fingerprint, byte[] genesis, Found found, RecoveryKey recovery,
        (int? LastGood, long? Since) said, Passphrase passphrase, CancellationToken ct)
    {
        if (File.Exists(folder.Keys))
        {
            if (!await db.OwnEvents.AnyAsync(ct) || await db.People.AnyAsync(ct))
                throw new CommandException("exists", $"--data {folder.Root}: a gateway lives here. Recover into an empty folder.");
            return OwnAgency.Unlock(folder, passphrase.Utf8);
        }

        using var keys = AgencyKeys.Create(TimeProvider.System.GetUtcNow());
        using var tls = keys.OpenTlsKey();
        var last = found.Agency.Last;
        var change = new AgencyChange
        {
            Agency = found.Agency.Id,
            Seq = last.Seq + 1,
            Prev = last.PayloadDigest,
            IssuedAt = WireTime.Whole(TimeProvider.System.GetUtcNow()),
            Event = AgencyChangeCode.Recover,
            Signing = keys.Signing.VerifyingKey,
            Encryption = keys.EncryptionKey,
            LastGood = said.LastGood ?? last.Seq,
            CompromisedSince = said.Since,
            Tls = Digest.Of(tls.ExportSubjectPublicKeyInfo()),
        };
        if (!change.IsWellFormed) throw Cli.Malformed($"--last-good or --compromised-since: 0 to {last.Seq}, and not negative.");
        var entry = change.Sign(recovery.Signing, keys.Signing);

        var csr = new CertificateRequest($"CN={change.Agency}", tls, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        await File.WriteAllBytesAsync(folder.Enrolment, found.Enrolment, ct);
        await db.Write(
            async () =>
            {
                // Left by an attempt that broke off before its keys were kept: nobody has heard of it.
                db.Bindings.RemoveRange(await db.Bindings.ToListAsync(ct));
                db.DirectoryEntries.RemoveRange(await db.DirectoryEntries.ToListAsync(ct));
                db.OwnEvents.RemoveRange(await db.OwnEvents.ToListAsync(ct));
                await db.SaveChangesAsync(ct);
                db.Bindings.Add(new HubBinding { Url = url.ToString(), Fingerprint = fingerprint, CertificateRequest = csr });
                db.DirectoryEntries.Add(FollowDirectory.First(genesis));
                db.OwnEvents.Add(new OwnEvent { PayloadDigest = entry.PayloadDigest, Entry = entry.ToArray(), Made = TimeProvider.System.GetUtcNow() });
            },
            ct);
        keys.Save(folder.Keys, passphrase.Utf8);
        return OwnAgency.Unlock(folder, passphrase.Utf8);
    }

    private static async Task<int> EndAsync(GatewayDb db, OwnAgency own, CancellationToken ct)
    {
        var binding = await db.Bindings.SingleAsync(ct);
        var follow = new FollowDirectory(own.Id, own.Enrolment.PayloadDigest, TimeProvider.System, NullLogger<FollowDirectory>.Instance);
        await follow.LoadAsync(db, binding.Fingerprint, ct);
        var url = new Uri(binding.Url);
        if (binding.Certificates is null)
        {
            using var stranger = new HubClient(url, follow.Current.Genesis.Ca, certificate: null, TimeProvider.System);
            var made = await db.OwnEvents.AsNoTracking().SingleAsync(ct);
            var chain = await stranger.RecoverAsync(CoSignedOf(made.Entry), binding.CertificateRequest, ct);
            using (own.Certificate(chain))
            {
                // Only a certificate for our own key can be put together with it.
            }

            await db.Write(async () => (await db.Bindings.SingleAsync(ct)).Certificates = chain, ct);
            binding = await db.Bindings.AsNoTracking().SingleAsync(ct);
        }

        using var certificate = own.Certificate(binding.Certificates!);
        using var hub = new HubClient(url, follow.Current.Genesis.Ca, certificate, TimeProvider.System);
        await follow.RunAsync(db, hub, ct);
        await new FollowAuditLog(TimeProvider.System, NullLogger<FollowAuditLog>.Instance).RunAsync(db, hub, follow.Current.Genesis, ct);
        await Alarms.RequireSealingAsync(db, ct);
        var custody = new CustodyOf(TimeProvider.System, NullLogger<CustodyOf>.Instance);
        var feed = new TakeFeed(hub, follow, own.Id, custody, TimeProvider.System, NullLogger<TakeFeed>.Instance);
        return await new Rebuild(hub, follow, own.Id, custody, feed, TimeProvider.System).RunAsync(db, ct);
    }

    private static CoSigned CoSignedOf(byte[] entry) =>
        CoSigned.TryParse(entry, out var signed) ? signed : throw new InvalidDataException("An entry that was replayed does not read.");

    private sealed record Found(Agency Agency, byte[] Enrolment);
}
