namespace ReferralHub.Hub.Outbox;

/// <summary>What is known of RabbitMQ just now. None of it keeps the hub from accepting: the outbox takes it.</summary>
internal sealed class BrokerState
{
    private volatile bool _publishes = true;
    private volatile string? _trouble;

    /// <summary>Whether the last message that the relay sent was confirmed.</summary>
    public bool Publishes
    {
        get => _publishes;
        set => _publishes = value;
    }

    /// <summary>What an operator has to look at, or null.</summary>
    public string? Trouble
    {
        get => _trouble ?? (_publishes ? null : "RabbitMQ does not confirm messages");
        set => _trouble = value;
    }
}
