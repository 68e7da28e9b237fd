using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Consents;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Statements;

/// <summary>What a use case makes of a statement whose form, signature and heads are good.</summary>
internal abstract record Ruling
{
    /// <summary>What the consent check said, where it ran.</summary>
    public ConsentDecision? Decision { get; init; }
}

/// <summary>It takes no effect. Nothing that the use case did to the context is saved.</summary>
internal sealed record Refused(Refusal Why) : Ruling
{
    /// <summary>Given when the referral's state is the reason (docs/protocol.md §6).</summary>
    public Standing? Standing { get; init; }

    /// <summary>The consent check said no.</summary>
    public static Refused By(ConsentDecision decision) => new(Refusal.ConsentRefused) { Decision = decision };
}

/// <summary>Where a referral stands, and the statement that the next one must come after.</summary>
internal sealed record Standing(HandoffPosition Position, Digest After);

/// <summary>It takes effect. The use case has put its own changes into the context.</summary>
/// <param name="Other">The other party: it may prove the event as well.</param>
internal sealed record Effective(AgencyId Other) : Ruling
{
    /// <summary>What the statement did to the referral, if anything.</summary>
    public HandoffAct? Act { get; init; }

    /// <summary>The referral's state after it; null when it is about none.</summary>
    public HandoffState? State { get; init; }

    /// <summary>Whether a later statement may come after it.</summary>
    public bool SetsState { get; init; }

    /// <summary>Whether the other party hears of it now. Of a consent it hears with the referral that relies on it.</summary>
    public bool Tell { get; init; } = true;

    /// <summary>The consent's statement, with a referral.</summary>
    public Digest? With { get; init; }

    /// <summary>The approval's statement, with what a second person had to approve.</summary>
    public Digest? Approval { get; init; }
}
