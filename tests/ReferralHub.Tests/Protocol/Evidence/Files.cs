using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Audit;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>The files of a bundle in somebody's hands, who changes them and packs them again.</summary>
internal sealed class Files : SortedDictionary<string, byte[]>
{
    private Files()
        : base(StringComparer.Ordinal)
    {
    }

    public static Files Of(byte[] zip)
    {
        Assert.True(StoredZip.TryRead(zip, out var entries, out _));
        var files = new Files();
        foreach (var entry in entries) files.Add(entry.Path, entry.Content.ToArray());
        return files;
    }

    /// <summary>The first file whose path has this beginning and end and whose content has this text.</summary>
    public string Path(string prefix, string suffix, string text) => Keys.First(path =>
        path.StartsWith(prefix, StringComparison.Ordinal)
        && path.EndsWith(suffix, StringComparison.Ordinal)
        && Encoding.ASCII.GetString(this[path]).Contains(text, StringComparison.Ordinal));

    /// <summary>The path, without its ending, of the event that records the first statement for which this holds.</summary>
    public string EventOf(Func<Statement, bool> holds)
    {
        var id = StatementOf(holds).Id;
        return Keys.First(path => path.EndsWith(".json", StringComparison.Ordinal) && path.StartsWith("events/", StringComparison.Ordinal)
            && AuditEvent.TryRead(this[path], out var read) && read.Statement == id)[..^".json".Length];
    }

    public SignedStatement StatementOf(Func<Statement, bool> holds) => Keys
        .Where(path => path.StartsWith("statements/", StringComparison.Ordinal))
        .Select(path => SignedStatement.TryRead(this[path], out var signed) ? signed : throw new InvalidOperationException($"{path} was changed before."))
        .First(signed => holds(signed.Statement));

    public string PathOf(Func<Statement, bool> holds) => $"statements/{StatementOf(holds).Id}.jws";

    /// <summary>Removes an event with its opening and proof.</summary>
    public void DropEvent(string path)
    {
        foreach (var ending in (string[])[".json", ".opening", ".tlog-proof"]) Remove(System.IO.Path.ChangeExtension(path, ending));
    }

    /// <summary>Removes a statement and the event that records it.</summary>
    public Files DropAct(Func<Statement, bool> holds)
    {
        DropEvent(EventOf(holds) + ".json");
        Remove(PathOf(holds));
        return this;
    }

    public byte[] Zip() => [.. StoredZip.Write([.. this.Select(file => new ZipEntry(file.Key, file.Value))]).SelectMany(piece => piece.ToArray())];

    /// <summary>Makes the manifest again; the hub's signature stays what it was.</summary>
    public Files ListAgain()
    {
        this["manifest.json"] = StrictJson.Write(this
            .Where(file => file.Key is not ("manifest.json" or "manifest.jws"))
            .ToDictionary(file => file.Key, file => Digest.Of(file.Value)));
        return this;
    }

    /// <summary>Makes the manifest again and signs it with this key, saying what the hub said.</summary>
    public Files SignAgain(SigningKey key, Func<HubAct, HubAct>? say = null)
    {
        ListAgain();
        Assert.True(SignedStatement.TryRead(this["manifest.jws"], out var old));
        var act = (HubAct)old.Statement with { Manifest = Digest.Of(this["manifest.json"]) };
        this["manifest.jws"] = Encoding.ASCII.GetBytes(SignedStatement.Sign(key, say is null ? act : say(act)).Jws.Token);
        return this;
    }
}
