using System.Text.Json;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>What happened, as rh-verify reads it from the exported evidence and from nothing else.</summary>
internal sealed record Evidence(string State, IReadOnlyList<EvidenceAct> Acts)
{
    /// <summary>Exports the evidence of a referral, and has it verified offline against F; it must prove the ending.</summary>
    public static async Task<Evidence> Take(Cast cast, Ending ending, Narrator narrator, CancellationToken ct)
    {
        var file = Path.Combine(cast.Folder, $"{ending.Referral}.zip");
        await ending.Sender.ExportEvidence(ending.Referral, file, ct);
        narrator.Say($"{ending.Sender.Id}: exports the evidence, {new FileInfo(file).Length >> 10} KiB");
        var answer = (await Executable.Verifier.Run([file, "--fingerprint", cast.Hub.Fingerprint, "--json"], ct)).Succeeded();
        narrator.Say("rh-verify: the evidence holds, offline, against the fingerprint");

        var report = JsonSerializer.Deserialize<Report>(answer, JsonSerializerOptions.Web);
        if (report is not { Holds: true, Story: { } story }) throw new ProcessFailedException("rh-verify tells no story", answer.Split('\n'));
        if (story.State != ending.State) throw new ProcessFailedException($"the handoff ended as {story.State}, not as {ending.State}", []);
        return story;
    }

    /// <summary>The acts, one a line, with time and who is responsible after each.</summary>
    public IEnumerable<string> Table()
    {
        string[][] rows =
        [
            ["time (UTC)", "agency", "act", "responsible after it"],
            .. Acts.Select(act => new[] { act.At, act.Agency ?? "hub", act.Words, act.Responsible ?? "-" }),
        ];
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private sealed record Report(bool Holds, Evidence? Story);
}

/// <summary>One act: when by the hub's clock, whose, what, and the state and the responsible agency after it, if any.</summary>
internal sealed record EvidenceAct(string At, string? Agency, string Words, string? State, string? Responsible);
