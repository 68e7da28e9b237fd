namespace ReferralHub.SystemTests.Faults;

/// <summary>What a campaign does to the processes and what is between them.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL at a random moment.</summary>
    HubKilled,
    SenderKilled,
    RecipientKilled,

    /// <summary>Ended at a named <see cref="Point"/> of its work.</summary>
    HubKilledAtPoint,
    SenderKilledAtPoint,
    RecipientKilledAtPoint,

    /// <summary>SIGSTOP, and SIGCONT some seconds later.</summary>
    HubFrozen,
    SenderFrozen,
    RecipientFrozen,

    /// <summary>A connection to the hub is reset in the middle of that.</summary>
    UploadCut,
    DownloadCut,
    AnswerCut,

    /// <summary>SIGKILL, and started again some seconds later.</summary>
    BrokerKilled,
    DatabaseKilled,

    /// <summary>SIGSTOP, and SIGCONT some seconds later.</summary>
    BrokerFrozen,
    DatabaseFrozen,
}
