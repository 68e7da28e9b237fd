using System.Security.Cryptography;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>The hub's private keys. None of them opens an envelope (docs/protocol.md §2.1).</summary>
internal sealed class HubKeys : IDisposable
{
    private readonly SigningKey[] _all;

    private HubKeys(Origin origin, SigningKey[] all)
    {
        _all = all;
        DirectoryLog = new NoteSigner(origin.DirectoryLog, NoteKeyType.Log, all[1]);
        AuditLog = new NoteSigner(origin.AuditLog, NoteKeyType.Log, all[2]);
        Cosigner = new NoteSigner(origin.Cosigner, NoteKeyType.Cosigner, all[3]);
    }

    /// <summary>Signs the hub's own statements: receipts and acts.</summary>
    public SigningKey Statements => _all[0];

    public NoteSigner DirectoryLog { get; }

    public NoteSigner AuditLog { get; }

    public NoteSigner Cosigner { get; }

    /// <summary>Draws new keys and writes their seeds, readable by the owner only.</summary>
    /// <exception cref="IOException">A key is there already: keys are never overwritten.</exception>
    public static void Create(DataFolder data)
    {
        foreach (var path in data.KeyFiles)
        {
            var seed = RandomNumberGenerator.GetBytes(SigningKey.SeedSize);
            DataFolder.WriteSecret(path, seed);
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    public static HubKeys Load(DataFolder data, Origin origin) => new(origin, [.. data.KeyFiles.Select(Read)]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _all) key.Dispose();
    }

    private static SigningKey Read(string path)
    {
        var seed = DataFolder.Read("key", path, File.ReadAllBytes);
        if (seed.Length != SigningKey.SeedSize)
            throw new SettingsException("key", path, $"The file must hold {SigningKey.SeedSize} bytes: restore it from the backup.");
        try
        {
            return SigningKey.Import(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}
