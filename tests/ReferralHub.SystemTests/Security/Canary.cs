using System.Buffers.Text;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;

namespace ReferralHub.SystemTests.Security;

/// <summary>
/// A word that stands nowhere else, and the search for it in every spelling in which a program would leave it: as text, in
/// hex and in base64 at each offset and in both alphabets, each in UTF-8 and UTF-16.
/// </summary>
internal sealed class Canary
{
    private const int RandomLetters = 24;

    private readonly IReadOnlyList<(string Name, byte[] Bytes)> _spellings;

    public Canary()
        : this("canary" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", RandomLetters))
    {
    }

    /// <summary>The search for a word that somebody else made up.</summary>
    public Canary(string word)
    {
        Word = word;
        _spellings =
        [
            .. Texts(Encoding.UTF8.GetBytes(Word)).SelectMany(text => new[]
            {
                ($"{text.Name} in UTF-8", Encoding.UTF8.GetBytes(text.Text)),
                ($"{text.Name} in UTF-16", Encoding.Unicode.GetBytes(text.Text)),
            }),
        ];
    }

    public string Word { get; }

    /// <summary>The names of the spellings.</summary>
    public IEnumerable<string> Spellings => _spellings.Select(spelling => spelling.Name);

    /// <summary>The bytes of a spelling.</summary>
    public byte[] this[string spelling] => _spellings.Single(s => s.Name == spelling).Bytes;

    /// <summary>Every place in which it is found: a file, and the spelling.</summary>
    public IReadOnlyList<string> FindIn(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).SelectMany(FindInFile)];

    /// <summary>The same for one file.</summary>
    public IReadOnlyList<string> FindInFile(string file)
    {
        var length = new FileInfo(file).Length;
        if (length == 0) return [];
        using var mapped = MemoryMappedFile.CreateFromFile(
            File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        using var view = mapped.CreateViewStream(0, length, MemoryMappedFileAccess.Read);
        return [.. Found(view).Select(name => $"{file}: {name}")];
    }

    private HashSet<string> Found(Stream stream)
    {
        var found = new HashSet<string>();
        var longest = _spellings.Max(spelling => spelling.Bytes.Length);
        var buffer = new byte[1 << 20];
        var kept = 0;
        int read;
        while ((read = stream.Read(buffer, kept, buffer.Length - kept)) > 0)
        {
            var held = buffer.AsSpan(0, kept + read);
            foreach (var (name, bytes) in _spellings)
            {
                if (held.IndexOf(bytes) >= 0) found.Add(name);
            }

            // What may be the beginning of a word goes before the next piece.
            kept = Math.Min(longest - 1, held.Length);
            held[^kept..].CopyTo(buffer);
        }

        return found;
    }

    private static IEnumerable<(string Name, string Text)> Texts(byte[] word)
    {
        yield return ("plain", Encoding.UTF8.GetString(word));
        yield return ("lower-case hex", Convert.ToHexStringLower(word));
        yield return ("upper-case hex", Convert.ToHexString(word));
        for (var offset = 0; offset < 3; offset++)
        {
            // Only the characters that the bytes before and after have no part in.
            byte[] shifted = [.. new byte[offset], .. word];
            var (from, to) = (((offset * 8) + 5) / 6, shifted.Length * 8 / 6);
            yield return ($"base64 at offset {offset}", Convert.ToBase64String(shifted)[from..to]);
            yield return ($"base64url at offset {offset}", Base64Url.EncodeToString(shifted)[from..to]);
        }
    }
}
