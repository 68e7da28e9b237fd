namespace ReferralHub.Gateway;

internal static class Limits
{
    /// <summary>All attachments of a referral together, in bytes.</summary>
    public const long AttachmentBytes = 25L << 20;

    /// <summary>As many as an inner statement can list beside the form.</summary>
    public const int Attachments = 200;

    /// <summary>What a command may send beside attachments, in bytes.</summary>
    public const int RequestBytes = 4 << 20;

    /// <summary>Wrong secrets of a person in a row after which none is tried for a while.</summary>
    public const int WrongSecrets = 5;

    /// <summary>For how long.</summary>
    public static readonly TimeSpan SecretLock = TimeSpan.FromMinutes(15);

    /// <summary>The feed must have been read this recently before anything is opened, so that no revocation is outrun.</summary>
    public static readonly TimeSpan FeedAge = TimeSpan.FromMinutes(60);
}
