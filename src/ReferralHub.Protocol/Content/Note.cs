namespace ReferralHub.Protocol.Content;

/// <summary>
/// <c>note.json</c>, <c>question.json</c>, <c>answer.json</c>: a text from one case worker to another. Spec: docs/protocol.md §2.6.
/// </summary>
public sealed record Note
{
    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>In a note about an appointment: when it is.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Names the type only.</summary>
    public override string ToString() => nameof(Note);
}
