using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Directory;
using ReferralHub.Gateway.Outgoing;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// One round of keeping up with the hub, in the order in which each step relies on the one before: directory, audit log,
/// what we have to say, what others did, their parts, the answers to those, the copies that are over, the proofs. <c>sync</c> asks for one now.
/// </summary>
internal sealed class Sync(
    IDbContextFactory<GatewayDb> dbs,
    HubClient hub,
    FollowDirectory directory,
    FollowAuditLog audit,
    Dispatch dispatch,
    TakeFeed feed,
    Deliver deliver,
    Copies copies,
    CustodyOf custody,
    CheckReceipts receipts,
    HandInAll handIn,
    Profiles profiles) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>What one round did. For the tests: how much came is nothing to tell people from whom some of it is kept.</summary>
    /// <param name="Sent">Statements that the hub answered for good.</param>
    /// <param name="Received">Feed items that came.</param>
    /// <param name="Fetched">Sealed parts that came and were verified.</param>
    /// <param name="Proved">Statements whose place in the log was proved.</param>
    /// <param name="DirectorySize">Entries of the directory replayed.</param>
    /// <param name="Waiting">Statements that still wait for the hub.</param>
    /// <param name="Alarms">How many alarms stand; see <c>alarms</c>.</param>
    internal sealed record Round(int Sent, int Received, int Fetched, int Proved, long DirectorySize, int Waiting, int Alarms);

    /// <summary>What <c>sync</c> prints.</summary>
    /// <param name="DirectorySize">Entries of the directory replayed.</param>
    /// <param name="Waiting">Statements that still wait for the hub.</param>
    /// <param name="Alarms">How many alarms stand; see <c>alarms</c>.</param>
    internal sealed record Done(long DirectorySize, int Waiting, int Alarms) : Output
    {
        public override int ExitCode() => Alarms > 0 ? Exit.Broken : Waiting > 0 ? Exit.Advice : Exit.Good;

        public override void Print(TextWriter to)
        {
            to.WriteLine($"kept up with the hub; directory {DirectorySize}");
            if (Waiting > 0) to.WriteLine($"{Waiting} still wait for the hub");
            if (Alarms > 0) to.WriteLine($"{Alarms} alarms stand: referral-gateway alarms");
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/sync", async (Sync sync, CancellationToken ct) =>
    {
        var round = await sync.RunAsync(ct);
        return new Done(round.DirectorySize, round.Waiting, round.Alarms);
    });

    public static Command Command() => Cli.Local("sync", "Keep up with the hub now.", [], async (_, local, ct) => await local.PostAsync<Done>("sync", new { }, ct));

    /// <summary>Does one round.</summary>
    public async Task<Round> RunAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await using var db = await dbs.CreateDbContextAsync(ct);
            if (!await FollowAsync(db, ct)) return await RoundAsync(db, 0, 0, 0, 0, ct);
            await audit.RunAsync(db, hub, directory.Current.Genesis, ct);
            if (!directory.IsEnrolled) return await RoundAsync(db, 0, 0, 0, 0, ct);

            var sent = await dispatch.RunAsync(stream: null, ct);
            var received = await feed.RunAsync(db, ct);
            var fetched = await deliver.RunAsync(db, ct);
            sent += await dispatch.RunAsync(stream: null, ct);
            await custody.TellOverdueAsync(db, ct);
            await copies.EraseAsync(db, ct);
            await profiles.RunNowAndThenAsync(db, ct);
            return await RoundAsync(db, sent, received, fetched, await receipts.RunAsync(db, ct), ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    // False while the hub was restored and gathers: then it is shown what we hold, and there is nothing to follow yet.
    private async Task<bool> FollowAsync(GatewayDb db, CancellationToken ct)
    {
        try
        {
            await directory.RunAsync(db, hub, ct);
            return true;
        }
        catch (HubRefusedException e) when (e.Problem.Name == HandInAll.Restoring)
        {
            await handIn.RunAsync(db, ct);
            return false;
        }
    }

    private async Task<Round> RoundAsync(GatewayDb db, int sent, int received, int fetched, int proved, CancellationToken ct) => new(
        sent, received, fetched, proved, directory.Current.Size, await Alarms.Waiting(db).CountAsync(ct), await Alarms.Standing(db).CountAsync(ct));
}
