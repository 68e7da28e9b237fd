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
}

/// <summary>The owner of a referral.</summary>
/// <param name="Person">Who.</param>
/// <param name="Why">Why.</param>
internal sealed record Owner(Handle Person, OwnerBy Why);

/// <summary>
/// Who owns a referral: the rule in one place. While we are responsible there is always somebody: nobody becomes responsible
/// without a person's act, so the last to act is there when all else fails.
/// </summary>
internal static class Ownership
{
    /// <summary>The owner. Pure.</summary>
    /// <param name="claimed">Who has claimed it; null when nobody has.</param>
    /// <param name="onDuty">Who is on duty; null when nobody is.</param>
    /// <param name="lastActor">Who of us acted on it last; null when nobody has.</param>
    public static Owner? Of(Handle? claimed, Handle? onDuty, Handle? lastActor) =>
        claimed is not null ? new(claimed, OwnerBy.Claim)
        : onDuty is not null ? new(onDuty, OwnerBy.Duty)
        : lastActor is not null ? new(lastActor, OwnerBy.LastAct)
        : null;
}
