using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Parts;

/// <summary>
/// The uploads on their way. One server has the data folder, so who holds what is known here, and so is how much an agency
/// makes the hub keep.
/// </summary>
/// <param name="data">Where they are.</param>
/// <param name="unbounded">Whether an agency may upload whatever it has: to a restored hub, which asked for it.</param>
internal sealed class Uploads(DataFolder data, bool unbounded = false)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AgencyId, Dictionary<Digest, long>> _underWay = [];

    /// <summary>How many are under way.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _underWay.Values.Sum(uploads => uploads.Count);
        }
    }

    /// <summary>
    /// Where to continue, 0 if nothing is here; without holding it. At most at the last byte that came: whoever sends that
    /// one again makes the hub finish what a crash interrupted.
    /// </summary>
    public long HeldOf(AgencyId owner, Digest sha256) =>
        new FileInfo(PathOf(owner, sha256)) is { Exists: true, Length: > 0 and var length } ? length - 1 : 0;

    /// <summary>Opens an upload, or begins it.</summary>
    /// <param name="owner">Who uploads.</param>
    /// <param name="sha256">The part.</param>
    /// <param name="total">Bytes that it will have.</param>
    /// <param name="stored">Digest and size of the owner's parts that are stored and unclaimed.</param>
    /// <param name="spool">Held until it is disposed; null when refused.</param>
    /// <returns>Why not, or null.</returns>
    public Refusal? TryOpen(AgencyId owner, Digest sha256, long total, IReadOnlyDictionary<Digest, long> stored, out Spool? spool)
    {
        spool = null;
        lock (_lock)
        {
            var underWay = _underWay.GetValueOrDefault(owner) ?? [];
            if (underWay.ContainsKey(sha256)) return Refusal.UploadUnderWay;

            var kept = new Dictionary<Digest, long>(stored);
            foreach (var (part, size) in Spooled(owner).Concat(underWay).Append(new(sha256, total))) kept[part] = size;
            if (!unbounded && (kept.Count > Limits.UnclaimedParts || kept.Values.Sum() > Limits.UnclaimedBytes)) return Refusal.TooMuchUnclaimed;

            var path = PathOf(owner, sha256);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
            });
            underWay.Add(sha256, total);
            _underWay[owner] = underWay;
            spool = new(file, over => End(owner, sha256, over));
            return null;
        }
    }

    /// <summary>Removes uploads that nobody holds or has touched since <paramref name="before"/>.</summary>
    public void Sweep(DateTimeOffset before)
    {
        foreach (var folder in new DirectoryInfo(data.Spool).EnumerateDirectories())
        {
            lock (_lock)
            {
                var underWay = AgencyId.TryParse(folder.Name, out var owner) ? _underWay.GetValueOrDefault(owner) : null;
                foreach (var file in folder.EnumerateFiles())
                {
                    var held = underWay is not null && Digest.TryParse(file.Name, out var sha256) && underWay.ContainsKey(sha256);
                    if (!held && file.LastWriteTimeUtc < before.UtcDateTime) file.Delete();
                }
            }
        }
    }

    // The file goes here and not before, since others list the folder under the same lock.
    private void End(AgencyId owner, Digest sha256, bool over)
    {
        lock (_lock)
        {
            if (over) File.Delete(PathOf(owner, sha256));
            var underWay = _underWay[owner];
            underWay.Remove(sha256);
            if (underWay.Count == 0) _underWay.Remove(owner);
        }
    }

    private IEnumerable<KeyValuePair<Digest, long>> Spooled(AgencyId owner)
    {
        var folder = new DirectoryInfo(FolderOf(owner));
        if (!folder.Exists) yield break;
        foreach (var file in folder.EnumerateFiles())
        {
            if (Digest.TryParse(file.Name, out var sha256)) yield return new(sha256, file.Length);
        }
    }

    private string PathOf(AgencyId owner, Digest sha256) => Path.Combine(FolderOf(owner), sha256.ToString());

    private string FolderOf(AgencyId owner) => Path.Combine(data.Spool, owner.ToString());
}
