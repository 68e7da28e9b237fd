using System.Globalization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Sealing.Envelopes;

/// <summary>Which members a part has, and in which order. Spec: docs/protocol.md §2.4.</summary>
public static class EnvelopeLayout
{
    /// <summary>The sealed detail of the consent, in a summary.</summary>
    public const string ConsentPath = "consent.json";

    /// <summary>Why it goes without consent, in a summary.</summary>
    public const string BasisPath = "basis.json";

    /// <summary>The inner statement, the last member of every envelope.</summary>
    public const string StatementPath = "statement.jws";

    /// <summary>The most members beside the inner statement: as many as its 64 KiB can list.</summary>
    public const int MaxMembers = 256;

    /// <summary>The first member of a part.</summary>
    public static string FormPath(Part part) => part switch
    {
        Part.Summary => "summary.json",
        Part.Record => "referral.json",
        Part.Note => "note.json",
        Part.Question => "question.json",
        Part.Answer => "answer.json",
    };

    /// <summary>The path of an attachment.</summary>
    /// <param name="number">From 1.</param>
    public static string AttachmentPath(int number) => "attachments/" + number.ToString("D4", CultureInfo.InvariantCulture);

    /// <summary>Whether these are the members of such a part, without the inner statement.</summary>
    public static bool Fits(Part part, IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count is 0 or > MaxMembers || paths[0] != FormPath(part)) return false;
        var others = paths.Skip(1);
        return part switch
        {
            Part.Summary => paths.Count == 1 || others.SequenceEqual([ConsentPath]) || others.SequenceEqual([BasisPath]),
            Part.Record => others.SequenceEqual(Enumerable.Range(1, paths.Count - 1).Select(AttachmentPath)),
            Part.Note or Part.Question or Part.Answer => paths.Count == 1,
        };
    }
}
