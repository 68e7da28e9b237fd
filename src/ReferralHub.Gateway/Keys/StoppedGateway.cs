using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Keys;

/// <summary>A gateway that does not run, unlocked and connected: for commands that change its keys.</summary>
internal sealed class StoppedGateway : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly FileStream _only;
    private readonly Passphrase _passphrase;
    private readonly X509Certificate2 _certificate;

    private StoppedGateway(DataFolder folder, FileStream only, Passphrase passphrase, OwnAgency own, HubBinding binding, FollowDirectory directory)
    {
        (_folder, _only, _passphrase, Own, Directory, Chain) = (folder, only, passphrase, own, directory, binding.Certificates!);
        _certificate = own.Certificate(Chain);
        Hub = new HubClient(new Uri(binding.Url), directory.Current.Genesis.Ca, _certificate, TimeProvider.System);
        Db = new GatewayDb(GatewayDb.At(folder.Database));
    }

    public GatewayDb Db { get; }

    public HubClient Hub { get; }

    public OwnAgency Own { get; }

    public FollowDirectory Directory { get; }

    /// <summary>The certificates by which the hub knew us when this was opened.</summary>
    public string Chain { get; }

    /// <summary>As the directory has us.</summary>
    public Agency Us => Directory.Current.Find(Own.Id) ?? throw new CommandException("not-enrolled", "This agency is not in the directory yet: a registrar must sign.");

    /// <summary>Takes the folder, asks for the passphrase, connects.</summary>
    public static async Task<StoppedGateway> OpenAsync(ParseResult parsed, DataFolder folder, CancellationToken ct)
    {
        var only = folder.TakeLock();
        var passphrase = Passphrase.Read(parsed);
        var own = OwnAgency.Unlock(folder, passphrase.Utf8);
        var (binding, directory) = await Serve.LoadAsync(folder, own, ct);
        return new(folder, only, passphrase, own, binding, directory);
    }

    /// <summary>Keeps the keys, durably.</summary>
    public void Save() => Own.Keys.Save(_folder.Keys, _passphrase.Utf8);

    /// <summary>Reads the directory as it is now; throws when something is wrong with it.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await Directory.RunAsync(Db, Hub, ct);
        await Alarms.RequireSealingAsync(Db, ct);
    }

    /// <summary>What our next event has in common with all others.</summary>
    public AgencyChange Next(AgencyChangeCode change) => new()
    {
        Agency = Own.Id,
        Seq = Us.Last.Seq + 1,
        Prev = Us.Last.PayloadDigest,
        IssuedAt = WireTime.Whole(TimeProvider.System.GetUtcNow()),
        Event = change,
    };

    /// <summary>An event that we made and that did not reach the hub, or null: it is the next one still.</summary>
    public async Task<(CoSigned Entry, AgencyChange Change)?> FindUnsentAsync(AgencyChangeCode change, CancellationToken ct)
    {
        foreach (var made in await Db.OwnEvents.AsNoTracking().ToListAsync(ct))
        {
            if (CoSigned.TryParse(made.Entry, out var entry) && AgencyChange.TryRead(entry, out var read) && read.Event == change && read.Prev == Us.Last.PayloadDigest)
                return (entry, read);
        }

        return null;
    }

    /// <summary>Notes an event as ours before it goes out: in the directory it must not look like a stranger's.</summary>
    public Task KeepAsync(CoSigned entry, CancellationToken ct) => Db.Write(
        async () =>
        {
            if (!await Db.OwnEvents.AnyAsync(e => e.PayloadDigest == entry.PayloadDigest, ct))
                Db.OwnEvents.Add(new OwnEvent { PayloadDigest = entry.PayloadDigest, Entry = entry.ToArray(), Made = TimeProvider.System.GetUtcNow() });
        },
        ct);

    /// <summary>Keeps an event, and hands it in or writes it to a file for the operator.</summary>
    public async Task HandInAsync(CoSigned entry, string? file, CancellationToken ct)
    {
        if (file is null)
        {
            await PublishAsync(entry, ct);
            return;
        }

        await KeepAsync(entry, ct);
        await File.WriteAllBytesAsync(file, entry.ToArray(), ct);
    }

    /// <summary>Keeps an event, hands it in, and sees it in the directory.</summary>
    public async Task PublishAsync(CoSigned entry, CancellationToken ct)
    {
        await KeepAsync(entry, ct);
        await Hub.PostEventAsync(entry, ct);
        await RefreshAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        Hub.Dispose();
        _certificate.Dispose();
        Own.Dispose();
        _passphrase.Dispose();
        await _only.DisposeAsync();
    }
}
