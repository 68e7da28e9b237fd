using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Claims;

/// <summary>
/// Who took a referral on, or gave it back to the desk. The last one counts; the others are the record of who had it when.
/// Local: nobody outside learns it. Handles only, as everywhere here; whose they are is sealed.
/// </summary>
internal sealed class Claim
{
    public long Id { get; init; }

    public required Guid Referral { get; init; }

    /// <summary>Who has it from then on; null when it went back to the desk.</summary>
    public Handle? Owner { get; init; }

    /// <summary>Who said so.</summary>
    public required Handle By { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>Why somebody owns a referral.</summary>
internal enum OwnerBy
{
    /// <summary>They claimed it, or it was handed to them.</summary>
    Claim,

    /// <summary>Nobody has claimed it, and they are on duty.</summary>
    Duty,

    /// <summary>Nobody has claimed it and nobody is on duty: they were the last of us to act on it.</summary>
    LastAct,

    /// <summary>Whoever did all that is not here any more: it is the duty desk's, for which they answer.</summary>
    Desk,
}

/// <summary>The owner of a referral.</summary>
/// <param name="Person">Who.</param>
/// <param name="Why">Why.</param>
internal sealed record Owner(Handle Person, OwnerBy Why);

/// <summary>
/// Who owns a referral: the rule in one place. While we are responsible there is always somebody, and somebody who is here: who
/// left owns nothing, whatever they claimed or did, and nobody owns what they must not know of.
/// </summary>
internal static class Ownership
{
    /// <summary>The owner. Pure.</summary>
    /// <param name="claimed">Who has claimed it; null when nobody has.</param>
    /// <param name="onDuty">Who is on duty, whoever stands in last.</param>
    /// <param name="actors">Who of us has acted on it, the last first.</param>
    /// <param name="desk">Who answers for the duty desk, leads first; empty while we are not responsible.</param>
    /// <param name="may">Whether somebody is here and may know of it.</param>
    public static Owner? Of(Handle? claimed, IEnumerable<Handle> onDuty, IEnumerable<Handle> actors, IEnumerable<Handle> desk, Func<Handle, bool> may) =>
        new[] { claimed }.OfType<Handle>().Select(person => new Owner(person, OwnerBy.Claim))
            .Concat(onDuty.Select(person => new Owner(person, OwnerBy.Duty)))
            .Concat(actors.Select(person => new Owner(person, OwnerBy.LastAct)))
            .Concat(desk.Select(person => new Owner(person, OwnerBy.Desk)))
            .FirstOrDefault(owner => may(owner.Person));
}
