using System.Text.Json.Serialization;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Directory;

/// <summary>What a jurisdiction allows, endorsed by the registrars. Spec: docs/protocol.md §4.2.</summary>
public sealed record JurisdictionPolicy
{
    /// <summary>The type of the signatures over one.</summary>
    public const string Typ = "policy+jws";

    /// <summary>Its name.</summary>
    [JsonPropertyName("policy")]
    public required PolicyId Id { get; init; }

    /// <summary>1 for the first, then one more each.</summary>
    public required int Version { get; init; }

    /// <summary>When it was written.</summary>
    [JsonPropertyName("iat")]
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>On which grounds a referral may stand.</summary>
    public required IReadOnlyList<Basis> Bases { get; init; }

    /// <summary>Days that a consent may last, 1 to 3,650.</summary>
    public required int MaxConsentDays { get; init; }

    /// <summary>How long everybody has; absent where the field's own times hold.</summary>
    public ClockTable? Clocks { get; init; }

    /// <summary>
    /// What a basis requires: one for each basis but consent, at most one for consent; absent when consent alone is allowed
    /// and requires nothing more.
    /// </summary>
    public IReadOnlyList<BasisRule>? Rules { get; init; }

    /// <summary>For which reasons the record may go before acceptance; absent: for none.</summary>
    public IReadOnlyList<ReleaseReason>? OnDelivery { get; init; }

    /// <summary>
    /// Categories that go only when the sender asks for them by name; absent: <c>immigration-status</c>. Gateways check it,
    /// since the hub does not know them.
    /// </summary>
    public IReadOnlyList<Category>? OffByDefault { get; init; }

    /// <summary>
    /// Whose agreement makes a consent, by age; absent: it is not said. Gateways check it, since age and grantors are sealed.
    /// </summary>
    public IReadOnlyList<ConsentAge>? ConsentAges { get; init; }

    /// <summary>The coarse areas that agencies here speak of; absent: any. Gateways check summaries, everybody checks profiles.</summary>
    public IReadOnlyList<AreaCode>? Areas { get; init; }

    /// <summary>
    /// Days after which the hub erases its records of a referral that is over, 365 to 36,500; absent: it keeps them for ever.
    /// Spec: docs/protocol.md §4.8.
    /// </summary>
    public int? KeepRecordsDays { get; init; }

    /// <summary>How decisions name it: <c>id@version</c>.</summary>
    public string Reference => $"{Id}@{Version}";

    /// <summary>Whether the members agree with each other, beyond what their types say.</summary>
    public bool IsWellFormed =>
        Version >= 1 && MaxConsentDays is >= 1 and <= 3650 && Statement.NoneTwice(Bases)
        && RulesFit(Rules ?? [])
        && (OnDelivery is null || Statement.NoneTwice(OnDelivery))
        && (OffByDefault is null || (Statement.NoneTwice(OffByDefault) && !OffByDefault.Contains(Category.Summary)))
        && (ConsentAges is null || (ConsentAges.Count > 0 && ConsentAges.All(age => age.IsWellFormed) && Follow(ConsentAges)))
        && (Areas is null || Statement.NoneTwice(Areas))
        && KeepRecordsDays is null or (>= 365 and <= 36_500)
        && Clocks is null or { IsWellFormed: true };

    /// <summary>What <paramref name="basis"/> requires; null when nothing more than itself.</summary>
    public BasisRule? RuleFor(Basis basis) => Rules?.FirstOrDefault(rule => rule.Basis == basis);

    private bool RulesFit(IReadOnlyList<BasisRule> rules) =>
        rules.All(rule => rule.IsWellFormed)
        && rules.Select(rule => rule.Basis).Distinct().Count() == rules.Count
        && rules.All(rule => Bases.Contains(rule.Basis))
        && Bases.All(basis => basis is Basis.Consent || rules.Any(rule => rule.Basis == basis));

    // From birth on, and each where the one before ends.
    private static bool Follow(IReadOnlyList<ConsentAge> ages) =>
        ages[0].From == 0 && ages.Zip(ages.Skip(1)).All(pair => pair.First.Until == pair.Second.From);
}

/// <summary>What a referral on a basis requires.</summary>
/// <param name="Basis">The basis.</param>
/// <param name="Grounds">What it may rest on: at least one for every basis but consent, none for that.</param>
/// <param name="SecondApprover">Whether a second person must approve. Nobody overrides consent alone: true for every basis but consent.</param>
/// <param name="Review">Whether a coordinator reviews it within 72 hours: true for every basis but consent.</param>
/// <param name="Under">The basis is for people under this age in completed years, 1 to 200; absent: for everybody. Gateways check it, since the age is sealed.</param>
public sealed record BasisRule(Basis Basis, IReadOnlyList<LegalGround> Grounds, bool SecondApprover, bool Review, int? Under = null)
{
    /// <summary>Whether the members agree with each other.</summary>
    public bool IsWellFormed => Under is null or (>= 1 and <= 200)
        && (Basis is Basis.Consent ? Grounds.Count == 0 && Under is null : SecondApprover && Review && Statement.NoneTwice(Grounds));
}

/// <summary>Whose agreement makes a consent of somebody of a certain age.</summary>
/// <param name="From">Youngest, in completed years.</param>
/// <param name="Until">First age that is no longer meant, at most 200.</param>
/// <param name="Grantors">Each a set of grantors who suffice together.</param>
public sealed record ConsentAge(int From, int Until, IReadOnlyList<IReadOnlyList<Grantor>> Grantors)
{
    /// <summary>Whether the members agree with each other.</summary>
    public bool IsWellFormed => From >= 0 && From < Until && Until <= 200 && Grantors.Count > 0 && Grantors.All(Statement.NoneTwice);
}
