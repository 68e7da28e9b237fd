using System.Globalization;
using System.Text;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// Whether two names may be one person's: written in another order, with a word more or an initial, with or without marks,
/// misspelt a little, or once in Arabic and once in Latin letters. It rather says yes: a yes only hides. Pure.
/// </summary>
internal static class Names
{
    private const int MaxLetters = 200;

    private static readonly HashSet<string> Particles = ["al", "el", "bin", "ibn", "bint", "ال", "بن", "ابن", "بنت"];

    /// <summary>Compares two names as people write them.</summary>
    public static bool AreAlike(string one, string other)
    {
        var (a, b) = (Fold(one), Fold(other));
        return AreClose(a.Replace(" ", ""), b.Replace(" ", ""))
            || Covers(Words(a), Words(b), AreClose)
            || (IsArabic(a) != IsArabic(b) && Covers(Sounds(a), Sounds(b), (x, y) => x == y));
    }

    // Every word of the shorter name has one of its own in the longer.
    private static bool Covers(List<string> one, List<string> other, Func<string, string, bool> fits)
    {
        var (few, many) = one.Count <= other.Count ? (one, other) : (other, one);
        var left = new List<string>(many);
        var open = few.Where(word => !left.Remove(word)).ToList();
        return few.Sum(word => word.Length) > 1 && open.All(word => left.FindIndex(candidate => fits(word, candidate)) is >= 0 and var at && Take(left, at));
    }

    private static bool Take(List<string> words, int at)
    {
        words.RemoveAt(at);
        return true;
    }

    private static bool AreClose(string one, string other)
    {
        var shorter = Math.Min(one.Length, other.Length);
        if (shorter == 0) return false;
        if (shorter == 1) return one[0] == other[0]; // an initial
        return Distance(one, other) <= (shorter < 3 ? 0 : shorter < 6 ? 1 : 2);
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours from one to the other.</summary>
    private static int Distance(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                rows[i, j] = Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                    rows[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[one.Length, other.Length];
    }

    // One spelling for what is one letter to a reader: no case, no marks, no Arabic variants; words apart by one space.
    private static string Fold(string name)
    {
        var folded = new StringBuilder();
        foreach (var rune in name.Normalize(NormalizationForm.FormKD).ToLowerInvariant().EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) continue;
            _ = rune.Value switch
            {
                '\'' or '`' or 'ʼ' or '’' or '‘' or 'ـ' or 'ء' => folded,
                'ٱ' => folded.Append('ا'),
                'ى' or 'ی' => folded.Append('ي'),
                'ة' or 'ہ' or 'ھ' or 'ە' => folded.Append('ه'),
                'ک' => folded.Append('ك'),
                'ı' => folded.Append('i'),
                'ß' => folded.Append("ss"),
                'æ' => folded.Append("ae"),
                'œ' => folded.Append("oe"),
                'ø' => folded.Append('o'),
                'đ' or 'ð' => folded.Append('d'),
                'ł' => folded.Append('l'),
                _ when Rune.IsLetterOrDigit(rune) => folded.Append(rune),
                _ => folded.Append(' '),
            };
        }

        var words = folded.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words) is { Length: > MaxLetters } longer ? longer[..MaxLetters] : string.Join(' ', words);
    }

    private static List<string> Words(string folded) =>
        [.. folded.Split(' ').Where(word => !Particles.Contains(word)).Select(word => word.Length > 4 && word.StartsWith("ال", StringComparison.Ordinal) ? word[2..] : word)];

    private static bool IsArabic(string folded) => folded.Any(c => c is >= '\u0600' and <= '\u06FF');

    // What both scripts write of a name: its consonants, each sound as one letter.
    private static List<string> Sounds(string folded) => [.. Words(folded).Select(Sound).Where(sound => sound.Length > 0)];

    private static string Sound(string word)
    {
        foreach (var (pair, one) in new[] { ("th", "t"), ("kh", "k"), ("dh", "d"), ("sh", "s"), ("ch", "s"), ("gh", "g"), ("ph", "f"), ("x", "ks") })
            word = word.Replace(pair, one, StringComparison.Ordinal);
        var sound = new StringBuilder();
        for (var i = 0; i < word.Length; i++)
        {
            if (i > 0 && word[i] == word[i - 1]) continue; // a doubled letter
            if (SoundOf(word[i]) is { } letter) sound.Append(letter);
        }

        return sound.Length > 1 && sound[^1] == 'h' ? sound.ToString(0, sound.Length - 1) : sound.ToString();
    }

    private static char? SoundOf(char letter) => letter switch
    {
        'ا' or 'ع' or 'و' or 'ي' or 'a' or 'e' or 'i' or 'o' or 'u' or 'w' or 'y' => null,
        'ب' or 'پ' or 'p' => 'b',
        'ت' or 'ث' or 'ط' => 't',
        'ج' or 'غ' or 'گ' or 'g' => 'j',
        'ح' or 'ه' => 'h',
        'خ' or 'ك' or 'ق' or 'q' or 'c' => 'k',
        'د' or 'ذ' or 'ض' => 'd',
        'ر' => 'r',
        'ز' or 'ظ' => 'z',
        'س' or 'ش' or 'ص' => 's',
        'ف' or 'v' => 'f',
        'ل' => 'l',
        'م' => 'm',
        'ن' => 'n',
        _ => letter,
    };
}
