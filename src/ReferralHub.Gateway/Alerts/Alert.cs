using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>Who at this agency is told.</summary>
internal enum Audience
{
    /// <summary>Whoever is on call.</summary>
    DutyDesk,

    /// <summary>Whoever answers for the agency.</summary>
    Lead,
}

/// <summary>How pressing it is.</summary>
internal enum AlertStage
{
    /// <summary>It has just become ours to do.</summary>
    New,

    /// <summary>Half of the time is over.</summary>
    DueSoon,

    /// <summary>The time is over, and it is ours to do.</summary>
    Overdue,

    /// <summary>The time is over, and the other side has not done it.</summary>
    Silent,

    /// <summary>The other side has been silent for so long that another agency should be found.</summary>
    FindAnother,

    /// <summary>It came to nothing on the other side: declined, undeliverable, failed or expired.</summary>
    CameBack,

    /// <summary>A coordinator asks for it.</summary>
    Asked,

    /// <summary>The hub has not been heard of.</summary>
    HubUnreachable,
}

/// <summary>
/// One reason to tell somebody. Written in the transaction of what gives it, once for each cause and audience for ever, so
/// nothing is told twice or forgotten, whatever restarts.
/// </summary>
internal sealed class Alert
{
    public long Id { get; init; }

    /// <summary>The statement that gives it, or since when the hub has been silent.</summary>
    public required string Cause { get; init; }

    public required Audience Audience { get; init; }

    public required AlertStage Stage { get; init; }

    /// <summary>What is owed; null when nothing is.</summary>
    public ClockKind? Clock { get; init; }

    /// <summary>The referral it is about: looked at again before anybody is told; null when it is about none.</summary>
    public Guid? Referral { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>When it became part of the notices that tell of it; null while it waits for somebody who may be told.</summary>
    public DateTimeOffset? ToldAt { get; set; }

    /// <summary>It was settled before anybody had to be told.</summary>
    public bool IsSettled { get; set; }
}

/// <summary>
/// What one mail and one command tell: a count and a class, to one person or to a mailbox that several read. Kept before it
/// goes out, so that the same goes out again after a crash, under the same Message-ID.
/// </summary>
internal sealed class Notice
{
    public required Guid Id { get; init; }

    public required Audience Audience { get; init; }

    public required AlertStage Stage { get; init; }

    public ClockKind? Clock { get; init; }

    /// <summary>Who is told; null for whoever reads the agency's own mailboxes.</summary>
    public Handle? Person { get; init; }

    /// <summary>Of how many referrals, those left out that the one who is told must not know of.</summary>
    public required int Count { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>When the mail server took it; null while it has not.</summary>
    public DateTimeOffset? MailedAt { get; set; }

    /// <summary>When the command ended well; null while it has not.</summary>
    public DateTimeOffset? RanAt { get; set; }

    public int Attempts { get; set; }

    /// <summary>When it is tried next; null when all is done.</summary>
    public DateTimeOffset? NextAt { get; set; }

    /// <summary>The type of the last error; its text could name people.</summary>
    public string? LastError { get; set; }
}
