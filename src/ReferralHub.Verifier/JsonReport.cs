using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Verifier;

/// <summary>The result for programs: one JSON object on one line. What does not apply is left out.</summary>
internal static class JsonReport
{
    public static void Write(EvidenceReport report, Digest fingerprint, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(
        new Result(
            report.Finding is null,
            fingerprint,
            report.Finding,
            report.Story is { } story ? Of(story) : null),
        StrictJson.Options));

    public static void Write(EvidenceFolderReport report, Digest fingerprint, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(
        new Collection(report.Finding is null, fingerprint, report.Finding, report.Stories.Select(Of)), StrictJson.Options));

    private static Story Of(EvidenceStory story) => new(
        story.Origin, story.AsOf, story.Referral, story.Sender, story.Recipient, story.State, story.Withdrawing, story.Responsible,
        story.Acts.Select(Of), story.Disclosures, story.Conflicts, story.Restorations);

    private static Act Of(StoryAct act) => new(
        act.Index, act.At, Code.Text(act.Event), act.Agency, act.Statement?.Person, act.Statement is { } statement ? Code.Text(statement.Kind) : null,
        Words.What(act), act.Refusal, act.Decision, act.State, act.Responsible, act.IsSuspect, act.CameBack);

    private sealed record Result(bool Holds, Digest Fingerprint, EvidenceFinding? Finding, Story? Story);

    private sealed record Collection(bool Holds, Digest Fingerprint, EvidenceFinding? Finding, IEnumerable<Story> Stories);

    private sealed record Story(
        Origin Origin, DateTimeOffset AsOf, Guid Referral, AgencyId Sender, AgencyId Recipient, HandoffState State, bool Withdrawing, AgencyId? Responsible,
        IEnumerable<Act> Acts, IReadOnlyList<Disclosure> Disclosures, IReadOnlyList<DirectoryConflict> Conflicts, IReadOnlyList<Restoration> Restorations);

    private sealed record Act(
        long Index, DateTimeOffset At, string Event, AgencyId? Agency, Handle? By, string? Kind, string Words, string? Refusal,
        ConsentDecision? Decision, HandoffState? State, AgencyId? Responsible, bool Suspect, bool CameBack);
}
