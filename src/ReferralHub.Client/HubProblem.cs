namespace ReferralHub.Client;

/// <summary>Why the hub said no, from its <c>application/problem+json</c>. Spec: docs/protocol.md §6.</summary>
/// <param name="Name">NAME of <c>urn:referralhub:refusal:NAME</c>, from the closed catalogue of the OpenAPI document.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The hub's own words for a person; may be empty. Never content.</param>
/// <param name="State">With a refusal because of state: where the referral stands, as in docs/protocol.md §3.4.</param>
/// <param name="After">With a refusal because of state: the id of the statement that the next one must come after.</param>
/// <param name="Reasons">With a refusal by the consent check: every reason, as in docs/protocol.md §3.5; else empty.</param>
public sealed record HubProblem(
    string Name, int Status, string Title, string? State, string? After, IReadOnlyList<string> Reasons)
{
    internal const string TypePrefix = "urn:referralhub:refusal:";

    /// <summary>
    /// Whether the same request may succeed later: the hub is busy or broken (408, 425, 429, 5xx), or an upload of ours that
    /// broke off is not over yet. Every other refusal is final: the same request will be refused again.
    /// </summary>
    public bool IsRetryable => Status is 408 or 425 or 429 or >= 500 || Name is "upload-under-way" or "wrong-offset";

    /// <summary>One line: the name, the status and the reasons.</summary>
    public override string ToString() =>
        Reasons.Count == 0 ? $"{Name} ({Status})" : $"{Name} ({Status}): {string.Join(", ", Reasons)}";
}
