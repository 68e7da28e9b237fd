using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Verifier;

/// <summary>The story for people: a page of plain text.</summary>
internal static class TextReport
{
    public static void Write(EvidenceStory story, Digest fingerprint, TextWriter output)
    {
        output.WriteLine("rh-verify: the evidence holds.");
        output.WriteLine();
        Table(
            output,
            ["Referral", story.Referral.ToString()],
            ["From", story.Sender.ToString()],
            ["To", story.Recipient.ToString()],
            ["State", $"{Code.Text(story.State)}{(story.Withdrawing ? ", withdrawal not confirmed" : "")}; {(story.Responsible is { } agency ? $"responsible: {agency}" : "the handoff is over")}"],
            ["As of", $"{WireTime.Text(story.AsOf)}; nothing later is in here"],
            ["Hub", $"{story.Origin}, {fingerprint}"]);

        output.WriteLine();
        Table(output, [["Time (UTC)", "Agency", "By", "Act", "Responsible after it"], .. story.Acts.Select(Row)]);

        output.WriteLine();
        Table(
            output,
            [["Part", "Sealed by", "To", "Handed over", "Opened or exported", "Account"], .. story.Disclosures.Select(Row)]);

        foreach (var (at, former) in story.Restorations)
        {
            output.WriteLine();
            output.WriteLine($"RESTORED {WireTime.Text(at)}: the hub came back from a backup and opened a new audit log after {former.Origin}.");
            output.WriteLine($"  {former.Origin} had {former.Size} events with the root {former.Root} when somebody last saw it. {former.Kept} were in the backup and {former.Returned} came back from gateways, each as it was.");
            output.WriteLine($"  {Math.Max(0, former.Size - former.Kept - former.Returned)} are not here: what the hub alone had seen, such as refusals, or what no gateway has brought back.");
        }

        if (story.Restorations.Count > 0) Warn(output, "CAME BACK from a gateway:", [.. story.Acts.Where(act => act.CameBack).Select(Row)]);
        Warn(output, "SUSPECT: signed with a key that was in other hands by then, as its agency says.", [.. story.Suspects.Select(Row)]);
        Warn(
            output, "ALARM: somebody has signed two directory events under one number; the first stands.",
            [.. story.Conflicts.Select(c => (string[])[$"entry {c.Index}", c.Agency.ToString(), $"seq {c.Seq}"])]);
    }

    private static void Warn(TextWriter output, string sentence, string[][] rows)
    {
        if (rows.Length == 0) return;
        output.WriteLine();
        output.WriteLine(sentence);
        Table(output, rows);
    }

    public static void Write(EvidenceFolderReport report, Digest fingerprint, TextWriter output)
    {
        output.WriteLine($"rh-verify: the evidence holds: {report.Stories.Count} referrals, hub {fingerprint}.");
        output.WriteLine();
        Table(output, [["Sent (UTC)", "Referral", "From", "To", "State", "Responsible", "Disclosures that do not pair"], .. report.Stories.Select(Row)]);

        var odd = report.Stories.SelectMany(story => story.Disclosures.Where(IsOdd).Select(part => new[] { story.Referral.ToString() }.Concat(Row(part)).ToArray())).ToList();
        if (odd.Count == 0) return;
        output.WriteLine();
        Table(output, [["Referral", "Part", "Sealed by", "To", "Handed over", "Opened or exported", "Account"], .. odd]);
    }

    private static string[] Row(EvidenceStory story) =>
    [
        WireTime.Text(story.Sent), story.Referral.ToString(), story.Sender.ToString(), story.Recipient.ToString(), Code.Text(story.State),
        Text(story.Responsible), $"{story.Disclosures.Count(IsOdd)}",
    ];

    private static bool IsOdd(Disclosure part) => part.Match is DisclosureMatch.NotOpened or DisclosureMatch.OpenedUnreleased;

    private static string[] Row(StoryAct act) =>
        [WireTime.Text(act.At), Text(act.Agency), Text(act.Statement?.Person), Words.What(act), Text(act.Responsible)];

    private static string[] Row(Disclosure part) =>
    [
        Code.Text(part.Part), part.From.ToString(), part.To.ToString(), Times(part.Releases), Times(part.Accesses), Words.What(part.Match),
    ];

    private static string Times(IReadOnlyList<DisclosureStep> steps) => steps switch
    {
        [] => "-",
        [var only] => WireTime.Text(only.At),
        [var first, ..] => $"{WireTime.Text(first.At)} and {steps.Count - 1} more",
    };

    private static string Text(object? value) => value?.ToString() ?? "-";

    private static void Table(TextWriter output, params string[][] rows)
    {
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (var row in rows) output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
