namespace ReferralHub.Client;

/// <summary>One of the hub's two logs. Spec: docs/protocol.md §4.</summary>
public enum HubLog
{
    /// <summary>Who belongs: entries and hashes may be read.</summary>
    Directory,

    /// <summary>What happened: only hashes may be read.</summary>
    Audit,
}
