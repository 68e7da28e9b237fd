namespace ReferralHub.Protocol.Content;

/// <summary><c>note.json</c>: a text from one case worker to another. Spec: docs/protocol.md §2.6.</summary>
public sealed record Note
{
    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Names the type only.</summary>
    public override string ToString() => nameof(Note);
}
