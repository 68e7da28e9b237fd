using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Sealing.Age;

namespace ReferralHub.Gateway.Keys;

/// <summary>What opens a sealed part that is here. Spec: docs/protocol.md §2.7.</summary>
internal sealed class FileKeys(OwnAgency own, IDbContextFactory<GatewayDb> dbs)
{
    /// <summary>Asks <paramref name="open"/> with the keys that may open a file.</summary>
    public T With<T>(Digest file, Func<IReadOnlyList<AgeIdentity>, T> open)
    {
        using var db = dbs.CreateDbContext();
        if (db.FileKeys.AsNoTracking().SingleOrDefault(k => k.Sha256 == file) is not { } kept) return open([own.Keys.Storage, .. own.Keys.Identities]);
        var key = SelfSealed.Open(own.Keys, kept.SealedKey);
        using var known = new KnownFileKey(key);
        CryptographicOperations.ZeroMemory(key);
        return open([known]);
    }

    /// <summary>Forgets the keys of files that are to be erased, in the write that is under way.</summary>
    public static Task ForgetAsync(GatewayDb db, IReadOnlyCollection<Digest> files, CancellationToken ct) =>
        db.FileKeys.Where(k => files.Contains(k.Sha256)).ExecuteDeleteAsync(ct);
}
