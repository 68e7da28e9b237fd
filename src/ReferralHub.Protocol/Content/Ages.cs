namespace ReferralHub.Protocol.Content;

/// <summary>Ages and their bands.</summary>
public static class Ages
{
    /// <summary>Whole years between a birth and <paramref name="now"/>; negative when it lies ahead.</summary>
    public static int At(DateOnly born, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var years = today.Year - born.Year;
        return (today.Month, today.Day).CompareTo((born.Month, born.Day)) < 0 ? years - 1 : years;
    }

    /// <summary>The band of an age in years.</summary>
    public static AgeBand BandOf(int? years) => years switch
    {
        null => AgeBand.Unknown,
        <= 5 => AgeBand.UpTo5,
        <= 9 => AgeBand.From6To9,
        <= 12 => AgeBand.From10To12,
        <= 15 => AgeBand.From13To15,
        <= 17 => AgeBand.From16To17,
        _ => AgeBand.From18,
    };

    /// <summary>The youngest and the oldest of a band, in years; null for <see cref="AgeBand.Unknown"/>.</summary>
    public static (int From, int To)? YearsOf(AgeBand band) => band switch
    {
        AgeBand.UpTo5 => (0, 5),
        AgeBand.From6To9 => (6, 9),
        AgeBand.From10To12 => (10, 12),
        AgeBand.From13To15 => (13, 15),
        AgeBand.From16To17 => (16, 17),
        AgeBand.From18 => (18, 120),
        AgeBand.Unknown => null,
    };
}
