using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary><c>consent.json</c>: the half of a consent that the hub must not see. Spec: docs/protocol.md §2.4.</summary>
public sealed record ConsentDetail
{
    /// <summary>Who agreed: the child's own assent and a caregiver's consent can both be there.</summary>
    public required IReadOnlyList<Grantor> Grantors { get; init; }

    /// <summary>Whether competence was assessed, and how.</summary>
    public required string CompetenceAssessed { get; init; }

    /// <summary>The exact categories.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>The exact services, in words.</summary>
    public required IReadOnlyList<string> Services { get; init; }

    /// <summary>How it was given.</summary>
    public required ConsentForm Form { get; init; }

    /// <summary>The language it was explained in.</summary>
    public required string Language { get; init; }

    /// <summary>Which risks were explained.</summary>
    public required string RisksExplained { get; init; }

    /// <summary>When it was obtained.</summary>
    public required DateTimeOffset ObtainedAt { get; init; }

    /// <summary>Who obtained it.</summary>
    public required string ObtainedBy { get; init; }

    /// <summary>SHA-256 of the signed paper or recording, if there is one.</summary>
    public Cryptography.Encodings.Digest? Original { get; init; }

    /// <summary>Names the type only.</summary>
    public override string ToString() => nameof(ConsentDetail);
}

/// <summary>Who can agree.</summary>
public enum Grantor
{
    /// <summary>The child, not yet competent to consent alone.</summary>
    ChildAssent,

    /// <summary>The child, competent to consent.</summary>
    ChildConsent,

    /// <summary>A caregiver.</summary>
    Caregiver,

    /// <summary>A legal guardian.</summary>
    Guardian,

    /// <summary>A court.</summary>
    Court,
}

/// <summary>How a consent was given.</summary>
public enum ConsentForm
{
    /// <summary>Signed.</summary>
    Written,

    /// <summary>Spoken before a witness.</summary>
    VerbalWitnessed,

    /// <summary>On a device.</summary>
    Electronic,
}
