using System.ComponentModel;
using System.Net.Sockets;
using MailKit;
using MailKit.Security;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Access;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>
/// Tells people who are not looking, by mail and by a command. Each alert becomes part of one notice to each who is told, in
/// one transaction, before those go out; what was settled meanwhile is left out, and what nobody may be told of waits. A notice
/// that failed goes out again. After a crash between the mail server's yes and our note of it the same mail goes out again,
/// under the same Message-ID.
/// </summary>
internal sealed partial class TellPeople(
    IDbContextFactory<GatewayDb> dbs, DataFolder folder, OwnAgency own, Exclusions exclusions, TimeProvider clock, ILogger<TellPeople> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(5);

    private readonly DateTimeOffset _started = clock.GetUtcNow();

    /// <summary>Does all that is due now.</summary>
    /// <returns>How many notices went out whole.</returns>
    public async Task<int> RunOnceAsync(CancellationToken ct)
    {
        await using var db = await dbs.CreateDbContextAsync(ct);
        if (AlertSettings.Read(folder) is not { } settings)
        {
            // Nobody can be told. What waits must not go out all at once when somebody sets that up.
            await db.Write(() => db.Alerts.Where(a => a.ToldAt == null && !a.IsSettled).ExecuteUpdateAsync(set => set.SetProperty(a => a.IsSettled, true), ct), ct);
            return 0;
        }

        await db.Write(() => NoteSilenceAsync(db, settings, ct), ct);
        await db.Write(() => GatherAsync(db, settings, ct), ct);
        var now = clock.GetUtcNow();
        var sent = 0;
        foreach (var id in await db.Notices.Where(n => n.NextAt <= now).OrderBy(n => n.NextAt).Select(n => n.Id).ToListAsync(ct))
        {
            if (await SendAsync(db, id, settings, ct)) sent++;
        }

        return sent;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Commands.CommandException e)
            {
                Misconfigured(log, e.Message);
            }
            catch (Exception e) when (e.Failed())
            {
                NotKept(log, e);
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The gateway's own clock, not the hub's: it is the hub that is not heard of.
    private async Task NoteSilenceAsync(GatewayDb db, AlertSettings settings, CancellationToken ct)
    {
        if (await db.Bindings.AsNoTracking().Select(b => b.FeedReadAt).SingleOrDefaultAsync(ct) is not { } heard) return;
        var now = clock.GetUtcNow();
        // A gateway that was switched off has not been listening.
        var since = heard > _started ? heard : _started;
        if (now - since >= TimeSpan.FromSeconds(settings.HubSilentSeconds)) await AlertBook.AddSilenceAsync(db, heard, now, ct);
    }

    private async Task GatherAsync(GatewayDb db, AlertSettings settings, CancellationToken ct)
    {
        var waiting = await db.Alerts.Where(a => a.ToldAt == null && !a.IsSettled).OrderBy(a => a.Id).ToListAsync(ct);
        if (waiting.Count == 0) return;
        var about = waiting.Select(a => a.Referral).Where(r => r is not null).Select(r => r!.Value).Distinct().ToArray();
        var states = await db.Referrals.AsNoTracking().Where(r => about.Contains(r.Id)).ToDictionaryAsync(r => r.Id, r => r.State, ct);
        foreach (var alert in waiting.Where(a => a.Referral is { } id && !AlertBook.Stands(a, states[id]))) alert.IsSettled = true;

        var now = clock.GetUtcNow();
        var keepings = await exclusions.KeepingsAsync(db, db.Referrals.Where(r => about.Contains(r.Id)), ct);
        var addressees = await Addressees.NowAsync(db, own, settings, now, ct);
        var told = new List<(Alert Alert, Handle? Person)>();
        foreach (var alert in waiting.Where(a => !a.IsSettled))
        {
            var keeping = alert.Referral is { } id ? keepings.GetValueOrDefault(id, Keeping.None) : Keeping.None;
            var people = addressees.Of(alert.Audience, keeping);
            told.AddRange(people.Select(person => (alert, person)));
            if (people.Count > 0) alert.ToldAt = now;
            else if (!keeping.FromAll) await RaiseAsync(db, alert.Referral!.Value, now, ct);
        }

        db.Notices.AddRange(told.GroupBy(one => (one.Alert.Audience, one.Alert.Stage, one.Alert.Clock, one.Person)).Select(group => new Notice
        {
            Id = Guid.CreateVersion7(now),
            Audience = group.Key.Audience,
            Stage = group.Key.Stage,
            Clock = group.Key.Clock,
            Person = group.Key.Person,
            Count = group.Select(one => one.Alert.Referral).Distinct().Count(),
            At = now,
            NextAt = now,
        }));
    }

    // It waits for the next shift; until then whoever may know of it and looks must see that nobody was told.
    private Task RaiseAsync(GatewayDb db, Guid referral, DateTimeOffset now, CancellationToken ct) => Alarms.RaiseAsync(
        db, new Alarm { At = now, Code = AlarmCode.NobodyToTell, Referral = referral, Detail = WireId.Text(referral) }, log, ct);

    private async Task<bool> SendAsync(GatewayDb db, Guid id, AlertSettings settings, CancellationToken ct)
    {
        var notice = await db.Notices.AsNoTracking().SingleAsync(n => n.Id == id, ct);
        // A person whose contact was taken out meanwhile is told no more.
        var contact = notice.Person is not { } handle ? null
            : Contact.Of(await db.People.AsNoTracking().SingleAsync(p => p.Handle == handle, ct), own) ?? new(null, null);
        IReadOnlyList<string> to = contact is null ? notice.Audience == Audience.Lead ? settings.Lead : settings.DutyDesk
            : contact.Mail is { } address ? [address] : [];
        var mailed = notice.MailedAt is null && to.Count > 0 && settings.Mail is { } server
            ? await TryAsync(() => SendMail.RunAsync(notice, to, settings, server, ct), ct)
            : default;
        var ran = notice.RanAt is null && contact is null or { Telephone: not null } && settings.Command is { } command
            ? await TryAsync(() => RunCommand.RunAsync(notice, command, contact?.Telephone, ct), ct)
            : default;
        var error = mailed.Error ?? ran.Error;
        await db.Write(
            async () =>
            {
                var kept = await db.Notices.SingleAsync(n => n.Id == id, ct);
                var now = clock.GetUtcNow();
                if (mailed.Done) kept.MailedAt = now;
                if (ran.Done) kept.RanAt = now;
                kept.LastError = error;
                kept.Attempts++;
                kept.NextAt = error is null ? null : now + BackOff(kept.Attempts);
            },
            ct);
        if (error is not null) Failed(log, id, error);
        return error is null;
    }

    private static async Task<(bool Done, string? Error)> TryAsync(Func<Task> send, CancellationToken ct)
    {
        try
        {
            await send();
            return (true, null);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or CommandException or AuthenticationException
            or SslHandshakeException or NotSupportedException or InvalidOperationException or Win32Exception or OperationCanceledException
            or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or TimeoutException)
        {
            return (false, e.GetType().Name);
        }
    }

    private static TimeSpan BackOff(int attempts)
    {
        var pause = TimeSpan.FromSeconds(1L << Math.Min(attempts, 10));
        return pause < LongestBackOff ? pause : LongestBackOff;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notice {Id} did not go out ({Error}); it is tried again")]
    private static partial void Failed(ILogger logger, Guid id, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Nobody is told of anything: {Fault}")]
    private static partial void Misconfigured(ILogger logger, string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Whom to tell could not be read or kept; trying again")]
    private static partial void NotKept(ILogger logger, Exception error);
}
