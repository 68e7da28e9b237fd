using System.ComponentModel;
using System.Net.Sockets;
using MailKit;
using MailKit.Security;
using Microsoft.EntityFrameworkCore;

namespace ReferralHub.Gateway.Alerts;

/// <summary>
/// Tells people who are not looking, by mail and by a command. Each alert becomes part of one notice, in one transaction,
/// before that goes out; what was settled meanwhile is left out. A notice that failed goes out again. After a crash between
/// the mail server's yes and our note of it the same mail goes out again, under the same Message-ID.
/// </summary>
internal sealed partial class TellPeople(
    IDbContextFactory<GatewayDb> dbs, DataFolder folder, TimeProvider clock, ILogger<TellPeople> log) : BackgroundService
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
            await db.Write(() => db.Alerts.Where(a => a.Notice == null && !a.IsSettled).ExecuteUpdateAsync(set => set.SetProperty(a => a.IsSettled, true), ct), ct);
            return 0;
        }

        await db.Write(() => NoteSilenceAsync(db, settings, ct), ct);
        await db.Write(() => GatherAsync(db, ct), ct);
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

    private async Task GatherAsync(GatewayDb db, CancellationToken ct)
    {
        var waiting = await db.Alerts.Where(a => a.Notice == null && !a.IsSettled).OrderBy(a => a.Id).ToListAsync(ct);
        if (waiting.Count == 0) return;
        var about = waiting.Select(a => a.Referral).Where(r => r is not null).Select(r => r!.Value).Distinct().ToArray();
        var states = await db.Referrals.AsNoTracking().Where(r => about.Contains(r.Id)).ToDictionaryAsync(r => r.Id, r => r.State, ct);
        foreach (var alert in waiting.Where(a => a.Referral is { } id && !AlertBook.Stands(a, states[id]))) alert.IsSettled = true;
        foreach (var group in waiting.Where(a => !a.IsSettled).GroupBy(a => (a.Audience, a.Stage, a.Clock)))
        {
            var now = clock.GetUtcNow();
            var notice = new Notice
            {
                Id = Guid.CreateVersion7(now),
                Audience = group.Key.Audience,
                Stage = group.Key.Stage,
                Clock = group.Key.Clock,
                Count = group.Select(a => a.Referral).Distinct().Count(),
                At = now,
                NextAt = now,
            };
            db.Notices.Add(notice);
            foreach (var alert in group) alert.Notice = notice.Id;
        }
    }

    private async Task<bool> SendAsync(GatewayDb db, Guid id, AlertSettings settings, CancellationToken ct)
    {
        var notice = await db.Notices.AsNoTracking().SingleAsync(n => n.Id == id, ct);
        var mailed = notice.MailedAt is null && settings.Mail is { } server
            ? await TryAsync(() => SendMail.RunAsync(notice, settings, server, ct), ct)
            : default;
        var ran = notice.RanAt is null && settings.Command is { } command
            ? await TryAsync(() => RunCommand.RunAsync(notice, command, ct), ct)
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
}
