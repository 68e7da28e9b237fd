using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Statements;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Incoming;

/// <summary>
/// The sealed parts as files, each named by its digest. A part is written beside, made durable and moved into place; only
/// then may a row name it. What a crash leaves beside is deleted at the next start.
/// </summary>
internal sealed class PartFiles(DataFolder folder)
{
    private const string Unfinished = ".new";

    /// <summary>Seals a part into a file, durable and under its name when this returns.</summary>
    public async Task<SealedPart> SealAsync(
        EncryptionKey key, SigningKey signer, EnvelopeFacts facts, IReadOnlyList<EnvelopeMember> members, CancellationToken ct)
    {
        var file = Create();
        try
        {
            var part = await Envelope.SealAsync(file, key, signer, facts, members, ct);
            await KeepAsync(file, part.Sha256, ct);
            return part;
        }
        catch
        {
            await DropAsync(file);
            throw;
        }
    }

    /// <summary>A new file to write a part into.</summary>
    public FileStream Create() => new(
        Path.Combine(folder.Parts, Guid.CreateVersion7().ToString("N") + Unfinished),
        Private.NewFile(FileAccess.ReadWrite));

    /// <summary>Makes a finished part durable and gives it its name. Closes the file.</summary>
    public async Task KeepAsync(FileStream file, Digest sha256, CancellationToken ct)
    {
        await file.FlushAsync(ct);
        file.Flush(flushToDisk: true);
        await file.DisposeAsync();
        File.Move(file.Name, folder.Part(sha256), overwrite: true);
        DurableFolder.Sync(folder.Parts);
    }

    /// <summary>Forgets an unfinished part.</summary>
    public static async Task DropAsync(FileStream file)
    {
        await file.DisposeAsync();
        File.Delete(file.Name);
    }

    public FileStream Open(Digest sha256) => File.OpenRead(folder.Part(sha256));

    /// <summary>Erases a part that no row names any more.</summary>
    public void Delete(Digest sha256) => File.Delete(folder.Part(sha256));

    /// <summary>Deletes what no row names: left by a crash between file and commit. Only before anything is sealed or fetched.</summary>
    public async Task SweepAsync(GatewayDb db, CancellationToken ct)
    {
        var named = await db.Parts.Where(p => p.Held).Select(p => p.Sha256).Union(db.Copies.Select(c => c.Sha256)).ToHashSetAsync(ct);
        foreach (var file in System.IO.Directory.EnumerateFiles(folder.Parts))
        {
            if (!Digest.TryParse(Path.GetFileName(file), out var sha256) || !named.Contains(sha256)) File.Delete(file);
        }
    }
}
