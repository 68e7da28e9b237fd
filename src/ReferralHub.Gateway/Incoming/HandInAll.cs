using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Outgoing;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// Shows a hub that was restored from a backup what we hold: heads, directory, each statement that it may lack with what proves
/// it, and our sealed parts. Safe to do again: the hub keeps each once. Spec: docs/protocol.md §4.7.
/// </summary>
internal sealed class HandInAll(HubClient hub, DataFolder folder, TimeProvider clock)
{
    /// <summary>How a hub refuses everything else meanwhile.</summary>
    public const string Restoring = "hub-restoring";

    private const int AtOnce = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private long? _done;

    /// <summary>Shows everything, unless that was done a moment ago.</summary>
    public async Task RunAsync(GatewayDb db, CancellationToken ct)
    {
        if (_done is { } done && clock.GetElapsedTime(done) < Pause) return;
        var heads = await db.LogHeads.AsNoTracking().ToDictionaryAsync(h => h.Log, h => h.Note, ct);
        var entries = await db.DirectoryEntries.AsNoTracking().OrderBy(e => e.Index).Select(e => e.Bytes).ToListAsync(ct);
        var kept = (await hub.HandInAsync(
            new()
            {
                Audit = heads.GetValueOrDefault(HubLog.Audit),
                Directory = heads.GetValueOrDefault(HubLog.Directory),
                Entries = [.. entries.Select(entry => (ReadOnlyMemory<byte>)entry)],
                IsAll = false,
            },
            ct)).Kept;
        for (var last = 0L; ;)
        {
            var some = await db.Statements.AsNoTracking()
                .Where(s => s.Order > last && s.Fate == Fate.Effective && (s.LogIndex == null || s.LogIndex >= kept) && (s.IsOurs || s.Event != null))
                .OrderBy(s => s.Order).Take(AtOnce).ToListAsync(ct);
            var answer = await hub.HandInAsync(new() { Statements = [.. some.Select(Shown)], IsAll = some.Count < AtOnce }, ct);
            foreach (var part in answer.Parts) await UploadAsync(part, ct);
            if (some.Count < AtOnce) break;
            last = some[^1].Order;
        }

        _done = clock.GetTimestamp();
    }

    private static HandedStatement Shown(KeptStatement kept) => new(kept.Token, kept.Event, kept.Opening, kept.HubReceipt, kept.Proof);

    // One that is gone here was erased, as its referral is over.
    private async Task UploadAsync(Digest part, CancellationToken ct)
    {
        if (!File.Exists(folder.Part(part))) return;
        await using var file = File.OpenRead(folder.Part(part));
        await hub.UploadPartAsync(part, file, ct);
    }
}
