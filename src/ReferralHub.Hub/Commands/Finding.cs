namespace ReferralHub.Hub.Commands;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    Good,

    /// <summary>It works, and somebody should do something about it.</summary>
    Advice,

    /// <summary>It does not work.</summary>
    Broken,
}

/// <summary>What one check of <c>doctor</c> found.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Found">What is so.</param>
/// <param name="Fix">What to do; null when nothing is to be done.</param>
internal sealed record Finding(Severity Severity, string Found, string? Fix = null)
{
    public static Finding Good(string found) => new(Severity.Good, found);

    public static Finding Advice(string found, string fix) => new(Severity.Advice, found, fix);

    public static Finding Broken(string found, string fix) => new(Severity.Broken, found, fix);
}
