using Microsoft.EntityFrameworkCore;
using ReferralHub.Client;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// Replays the directory log from genesis and keeps up with it: the only source of keys. Every entry is kept, so what was
/// replayed before is the beginning of what is replayed now. Spec: docs/protocol.md §4.2, §4.3.
/// </summary>
internal sealed class FollowDirectory(AgencyId self, Digest ownEnrolment, TimeProvider clock, ILogger<FollowDirectory> log)
{
    /// <summary>A gateway refuses to seal to keys it has not seen confirmed for this long. Spec: docs/protocol.md §4.1.</summary>
    public static readonly TimeSpan LongestAge = TimeSpan.FromHours(24);

    /// <summary>From this age on it warns.</summary>
    public static readonly TimeSpan LateAge = TimeSpan.FromHours(1);

    private readonly List<Digest> _leaves = [];
    private AgencyDirectory? _current;

    /// <summary>The directory as far as it was replayed. Immutable: a reader keeps what it took.</summary>
    public AgencyDirectory Current => _current ?? throw new InvalidOperationException("The directory was not loaded.");

    /// <summary>Whether a registrar has admitted us.</summary>
    public bool IsEnrolled => Current.IsActive(self, Current.Size);

    /// <summary>Replays what is kept; at the beginning of the process.</summary>
    public async Task LoadAsync(GatewayDb db, Digest fingerprint, CancellationToken ct)
    {
        var entries = await db.DirectoryEntries.AsNoTracking().OrderBy(e => e.Index).ToListAsync(ct);
        _leaves.Clear();
        _current = null;
        foreach (var entry in entries)
        {
            if (!TryNext(entry.Bytes, fingerprint, _current, out var next, out var fault))
                throw new InvalidDataException($"The database holds a broken directory entry {entry.Index}: {fault}.");
            _leaves.Add(MerkleTree.LeafHash(entry.Bytes));
            _current = next;
        }
    }

    /// <summary>
    /// Takes the newest checkpoint and the entries up to it. Entries and head are kept in one transaction; whatever is wrong
    /// becomes an alarm, and the directory stays as it was.
    /// </summary>
    public async Task RunAsync(GatewayDb db, HubClient hub, CancellationToken ct)
    {
        var genesis = Current.Genesis;
        var note = await hub.GetCheckpointAsync(HubLog.Directory, ct);
        if (!SignedCheckpoint.TryOpen(note, genesis.DirectoryLogKey, [genesis.CosignerKey], out var shown))
            throw new HubAnswerException("The directory's checkpoint is not signed by the directory log.");

        var head = await db.LogHeads.AsNoTracking().SingleOrDefaultAsync(h => h.Log == HubLog.Directory, ct);
        if (LogHeads.Contradiction(head, shown) is { } contradiction)
        {
            await RaiseAsync(db, contradiction, $"directory at {shown.Checkpoint.Size}", head?.Note, note, ct);
            return;
        }

        var added = new List<DirectoryEntry>();
        var leaves = new List<Digest>();
        var frontier = Frontier(_leaves);
        var grown = Current;
        foreach (var bytes in await FetchAsync(hub, shown.Checkpoint.Size, ct))
        {
            if (!grown.TryAppend(bytes.Span, out var next, out var fault))
            {
                await RaiseAsync(db, AlarmCode.DirectoryInvalid, $"entry {grown.Size}: {Code.Text(fault)}", head?.Note, note, ct);
                return;
            }

            leaves.Add(MerkleTree.LeafHash(bytes.Span));
            frontier.Append(leaves[^1]);
            added.Add(new DirectoryEntry { Index = grown.Size, Bytes = bytes.ToArray(), Root = frontier.Root });
            grown = next;
        }

        // Our own entries are the first ones under this root, so equality also proves that the log only grew.
        if (frontier.Root != shown.Checkpoint.Root)
        {
            await RaiseAsync(db, AlarmCode.LogForked, $"directory at {shown.Checkpoint.Size}", head?.Note, note, ct);
            return;
        }

        await db.Write(
            async () =>
            {
                db.DirectoryEntries.AddRange(added);
                await LogHeads.KeepAsync(db, HubLog.Directory, shown, ct);
                foreach (var (code, detail) in await StrangeAsync(db, grown, ct)) await Alarms.RaiseAsync(db, NewAlarm(code, detail, head?.Note, note), log, ct);
                // The registrars let us act again: what they had decided is no longer so.
                if (grown.Find(self)?.Status == AgencyStatus.Active) await Alarms.EndAsync(db, AlarmCode.OwnStatus, clock.GetUtcNow(), ct);
            },
            ct);
        _leaves.AddRange(leaves);
        _current = grown;
    }

    /// <summary>Throws unless the directory was seen fresh and nothing is wrong with it: before anything is sealed.</summary>
    public async Task RequireFreshAsync(GatewayDb db, CancellationToken ct)
    {
        await Alarms.RequireSealingAsync(db, ct);
        if (!IsEnrolled) throw new RefusedException(Refusal.NotEnrolled, "This agency is not in the directory yet: a registrar must sign its enrolment.");
        var head = await db.LogHeads.AsNoTracking().SingleAsync(h => h.Log == HubLog.Directory, ct);
        if (head.CosignedAt is not { } seen || clock.GetUtcNow() - seen > LongestAge)
            throw new RefusedException(Refusal.DirectoryStale, "The directory was last confirmed more than 24 hours ago: connect to the hub first.");
    }

    /// <summary>What people are told of a directory that was not confirmed for an hour, or null.</summary>
    /// <param name="confirmed">When it was last confirmed; null if never.</param>
    /// <param name="now">Now.</param>
    public static string? Warning(DateTimeOffset? confirmed, DateTimeOffset now) => confirmed is { } seen && now - seen <= LateAge
        ? null
        : $"the directory was {(confirmed is { } last ? $"last confirmed {WireTime.Text(last)}" : "never confirmed")}: connect to the hub; from {LongestAge.TotalHours:0} hours on nothing is sealed";

    /// <summary>What is sealed to this agency now, or a refusal.</summary>
    public EncryptionKey EncryptionKeyOf(AgencyId agency) =>
        (Current.Find(agency) ?? throw new RefusedException(Refusal.UnknownAgency, $"{agency}: no such agency in the directory.")).Encryption
        ?? throw new RefusedException(Refusal.KeyRevoked, $"{agency} has revoked its encryption key and has no other yet: nothing can be sealed to it.");

    /// <summary>Keeps genesis, the first entry, when the hub is met.</summary>
    public static DirectoryEntry First(byte[] genesis) =>
        new() { Index = 0, Bytes = genesis, Root = Frontier([MerkleTree.LeafHash(genesis)]).Root };

    private static bool TryNext(byte[] entry, Digest fingerprint, AgencyDirectory? before, out AgencyDirectory? next, out DirectoryFault fault) =>
        before is null
            ? AgencyDirectory.TryBegin(entry, fingerprint, out next, out fault)
            : before.TryAppend(entry, out next, out fault);

    private static MerkleFrontier Frontier(IReadOnlyList<Digest> leaves)
    {
        var frontier = new MerkleFrontier();
        foreach (var leaf in leaves) frontier.Append(leaf);
        return frontier;
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> FetchAsync(HubClient hub, long size, CancellationToken ct)
    {
        var have = (long)_leaves.Count;
        var fetched = new List<ReadOnlyMemory<byte>>();
        for (var index = have / Tile.FullWidth; index * Tile.FullWidth < size && have < size; index++)
        {
            var width = (int)Math.Min(Tile.FullWidth, size - index * Tile.FullWidth);
            var entries = await hub.GetDirectoryEntriesAsync(new Tile(0, index, width), ct);
            fetched.AddRange(entries.Skip((int)Math.Max(0, have - index * Tile.FullWidth)));
        }

        return fetched;
    }

    // An event of ours that we did not make stands as long as nothing of ours comes after it; what the registrars did to us, a new
    // recovery key among it, and that somebody signed two events under one number, is told once.
    private async Task<IReadOnlyList<(AlarmCode Code, string Detail)>> StrangeAsync(GatewayDb db, AgencyDirectory grown, CancellationToken ct)
    {
        var strange = new List<(AlarmCode, string)>();
        if (grown.Find(self) is { } us)
        {
            var ours = await db.OwnEvents.Select(e => e.PayloadDigest).ToHashSetAsync(ct);
            var known = us.Steps.LastOrDefault(step => step.PayloadDigest == ownEnrolment || ours.Contains(step.PayloadDigest))?.Seq ?? -1;
            strange.AddRange(us.Steps.Where(s => s.Seq > known && !IsStatus(s) && (!s.ByRegistrars || s.Index >= Current.Size)).Select(s => (AlarmCode.OwnKey, $"entry {s.Index}")));
            strange.AddRange(us.Steps.Where(s => us.Status != AgencyStatus.Active && s.Index >= Current.Size && IsStatus(s)).Select(s => (AlarmCode.OwnStatus, $"entry {s.Index}: {Code.Text(s.Change!.Value)}")));
        }

        strange.AddRange(grown.Conflicts.Where(c => c.Index >= Current.Size)
            .Select(c => (c.Agency == self ? AlarmCode.OwnKey : AlarmCode.DirectoryConflict, $"entry {c.Index}: {c.Agency} {c.Seq} was taken")));
        return strange;
    }

    private static bool IsStatus(AgencyStep step) => step.Change is { } change && AgencyChange.IsRegistrars(change);

    private Task RaiseAsync(GatewayDb db, AlarmCode code, string detail, byte[]? held, byte[] shown, CancellationToken ct) =>
        db.Write(() => Alarms.RaiseAsync(db, NewAlarm(code, detail, held, shown), log, ct), ct);

    private Alarm NewAlarm(AlarmCode code, string detail, byte[]? held, byte[] shown) =>
        new() { At = clock.GetUtcNow(), Code = code, Detail = detail, Log = HubLog.Directory, Held = held, Shown = shown };
}
