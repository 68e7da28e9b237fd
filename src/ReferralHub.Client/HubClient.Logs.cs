using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private const int CheckpointBytes = 64 * 1024;

    /// <summary>The newest checkpoint of a log, unchecked. <c>GET /{log}/checkpoint</c></summary>
    public Task<byte[]> GetCheckpointAsync(HubLog log, CancellationToken ct) =>
        GetBytesAsync($"{Code.Text(log)}/checkpoint", CheckpointBytes, ct);

    /// <summary>A tile's hashes, exactly 32 bytes times its width, unchecked. <c>GET /{log}/tile/…</c></summary>
    public async Task<byte[]> GetTileAsync(HubLog log, Tile tile, CancellationToken ct)
    {
        var length = tile.Width * Digest.Size;
        var hashes = await GetBytesAsync($"{Code.Text(log)}/{tile.Path}", length, ct);
        return hashes.Length == length ? hashes : throw new HubAnswerException($"{tile.Path} has {hashes.Length} bytes, not {length}.");
    }

    /// <summary>The directory's entries of a tile of level 0, as many as it is wide, unchecked. <c>GET /directory/tile/entries/…</c></summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> GetDirectoryEntriesAsync(Tile tile, CancellationToken ct)
    {
        var bundle = await GetBytesAsync(
            $"directory/{tile.EntriesPath}", tile.Width * (sizeof(ushort) + EntryBundle.MaxEntrySize), ct);
        return EntryBundle.TryDecode(bundle, tile.Width, out var entries)
            ? entries
            : throw new HubAnswerException($"{tile.EntriesPath} is no bundle of {tile.Width} entries.");
    }
}
