namespace ReferralHub.Cryptography.Log;

/// <summary>What an append makes of a tree. Spec: docs/protocol.md §4.1.</summary>
/// <param name="Tree">The larger tree; reads <paramref name="Tiles"/> first, then what the smaller one read.</param>
/// <param name="Tiles">
/// The hashes of every tile, full and partial, that the larger tree has and the smaller has not: what is to be stored.
/// </param>
public sealed record TreeGrowth(TileTree Tree, IReadOnlyDictionary<Tile, ReadOnlyMemory<byte>> Tiles);
