using System.Security.Cryptography;
using ReferralHub.Cryptography.Log;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Log;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub;

/// <summary>The hub's private keys. None of them opens an envelope (docs/protocol.md §2.1).</summary>
internal sealed class HubKeys : IDisposable
{
    private readonly SigningKey[] _all;

    private readonly Origin _origin;

    private HubKeys(Origin origin, SigningKey[] all)
    {
        (_origin, _all) = (origin, all);
        DirectoryLog = new NoteSigner(origin.DirectoryLog, NoteKeyType.Log, all[1]);
        AuditLog = new NoteSigner(origin.AuditLog, NoteKeyType.Log, all[2]);
        Cosigner = new NoteSigner(origin.Cosigner, NoteKeyType.Cosigner, all[3]);
    }

    /// <summary>Signs the hub's own statements: receipts and acts.</summary>
    public SigningKey Statements => _all[0];

    public NoteSigner DirectoryLog { get; }

    /// <summary>That of the first audit log, as genesis names it.</summary>
    public NoteSigner AuditLog { get; }

    public NoteSigner Cosigner { get; }

    /// <summary>The same key under the name of a later one (docs/protocol.md §4.7).</summary>
    public NoteSigner AuditLogOf(int number) => new(_origin.AuditLogOf(number), NoteKeyType.Log, _all[2]);

    /// <summary>Who signs this log.</summary>
    public NoteSigner SignerOf(LogHead head) => head.Log == LogName.Directory ? DirectoryLog : AuditLogOf(head.Number);

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
