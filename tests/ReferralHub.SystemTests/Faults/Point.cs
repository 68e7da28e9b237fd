namespace ReferralHub.SystemTests.Faults;

/// <summary>Where in its work a hub or a gateway ends at once when the campaign says so.</summary>
internal enum Point
{
    /// <summary>A request has done everything but commit.</summary>
    BeforeCommit,

    /// <summary>A request has committed and not answered; in a gateway the statement may not have been sent yet.</summary>
    AfterCommit,

    /// <summary>The other side has confirmed, and the outbox does not know it yet.</summary>
    BeforeDelete,

    /// <summary>A consumer has committed, and neither relay nor broker knows it yet. Only the hub has consumers.</summary>
    AfterConsume,

    /// <summary>Work that no request waits for, such as the log or the feed, has done everything but commit.</summary>
    BeforeRound,

    /// <summary>Such work has committed, and what comes next has not begun.</summary>
    AfterRound,
}
