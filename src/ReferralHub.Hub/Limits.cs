namespace ReferralHub.Hub;

/// <summary>Everything that is bounded, in one place. docs/operations.md tells operators; a test compares.</summary>
internal static class Limits
{
    /// <summary>The largest sealed part, in bytes.</summary>
    public const int PartBytes = 32 << 20;

    /// <summary>One row of a stored part: small enough for neither reading nor writing it to touch the large object heap.</summary>
    public const int PartRowBytes = 64 << 10;

    /// <summary>Rows of a part in one transaction: 1 MiB.</summary>
    public const int PartRowsPerWrite = 16;

    /// <summary>Hours that an upload or an unclaimed part stays.</summary>
    public const int UnclaimedPartHours = 24;

    /// <summary>Parts of one agency that no statement has claimed yet, uploads on their way among them.</summary>
    public const int UnclaimedParts = 256;

    /// <summary>Bytes of them: 2 GiB.</summary>
    public const long UnclaimedBytes = 2L << 30;

    /// <summary>The largest body of every other request, in bytes: an enrolment is at most 64 KiB.</summary>
    public const int BodyBytes = 72 << 10;

    /// <summary>Bytes of what an agency shows a restored hub in one request (8 MiB).</summary>
    public const int HandInBytes = 8 << 20;

    /// <summary>Seconds that a statement's time may lie ahead of the hub's (docs/protocol.md §3.2).</summary>
    public const int SecondsAhead = 60;

    /// <summary>Days after which a referral has expired at the latest: no longer than a recipient keeps a retired key.</summary>
    public const int ReferralDays = 30;

    /// <summary>Seconds between two looks at what has expired.</summary>
    public const int ExpirySeconds = 5;

    /// <summary>Seconds between two looks at clocks that are due.</summary>
    public const int ClockSeconds = 1;

    /// <summary>Referrals that a lane of the board shows.</summary>
    public const int BoardRows = 100;

    /// <summary>Agencies of which one answer tells what they offer.</summary>
    public const int PublishedAgencies = 64;

    /// <summary>Seconds that a reader of a feed may let the hub wait (docs/protocol.md §6).</summary>
    public const int FeedWaitSeconds = 25;

    /// <summary>Milliseconds after which a waiting feed is read again without a signal.</summary>
    public const int FeedPollMilliseconds = 1000;

    /// <summary>Items in one answer of a feed.</summary>
    public const int FeedItems = 64;

    /// <summary>Days that a consumer remembers a message.</summary>
    public const int InboxDays = 30;

    /// <summary>Rows that the relay reads at once.</summary>
    public const int RelayRows = 500;

    /// <summary>Streams that the relay delivers at once. SQLite has one writer, so more would only wait for it.</summary>
    public const int RelayStreams = 8;

    /// <summary>Streams that it sends to RabbitMQ at once.</summary>
    public const int BrokerStreams = 64;

    /// <summary>Seconds that RabbitMQ may take for a connection or to confirm a message.</summary>
    public const int BrokerSeconds = 5;

    /// <summary>Messages that RabbitMQ gives to a consumer ahead.</summary>
    public const int BrokerPrefetch = 16;

    /// <summary>Times that RabbitMQ delivers a message again to a consumer that ends over it; then it is a dead letter.</summary>
    public const int BrokerRedeliveries = 20;

    /// <summary>Seconds between two looks at RabbitMQ's dead letters.</summary>
    public const int DeadLetterSeconds = 5;

    /// <summary>Seconds that PostgreSQL may take for a connection or a command.</summary>
    public const int StoreSeconds = 15;

    /// <summary>Connections to PostgreSQL at once, beside which requests wait for one.</summary>
    public const int StoreConnections = 50;

    /// <summary>
    /// Events about one referral that each party may cause, so that evidence stays below its 64 MiB (docs/protocol.md §4.4).
    /// </summary>
    public const int EventsOfParty = 2048;

    /// <summary>How many of them are kept for acts that move the referral: however often somebody looks, it can be ended.</summary>
    public const int EventsForActs = 128;

    /// <summary>Events in a batch of the audit log (docs/protocol.md §4.5).</summary>
    public const int SequencerBatch = 256;

    /// <summary>Milliseconds after which a smaller batch is closed.</summary>
    public const int SequencerMilliseconds = 100;

    /// <summary>Seconds that an event may wait for its place before the hub accepts nothing more.</summary>
    public const int LogBehindSeconds = 15;

    /// <summary>Events that one event says are erased (docs/protocol.md §4.8).</summary>
    public const int ErasedAtOnce = 256;

    /// <summary>Minutes after which a checkpoint is cosigned again; docs/protocol.md §4.1 allows 10.</summary>
    public const int CosignMinutes = 5;

    /// <summary>Seconds between two looks at what the metrics show.</summary>
    public const int MetricsSeconds = 10;

    /// <summary>Days that a client certificate is valid.</summary>
    public const int ClientCertificateDays = 90;

    /// <summary>Hours that an invitation can be used.</summary>
    public const int InvitationHours = 72;

    /// <summary>How long a TLS handshake may take.</summary>
    public static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    /// <summary>How long the headers of a request may take.</summary>
    public static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be idle between requests.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(60);

    /// <summary>How long the server, told to stop, waits for what it has begun.</summary>
    public static readonly TimeSpan StopTime = TimeSpan.FromSeconds(30);

    /// <summary>The slowest upload or download that lives, in bytes a second: a modem does ten times that.</summary>
    public const double BytesPerSecond = 100;

    /// <summary>How long a transfer may be slower than that.</summary>
    public static readonly TimeSpan SlowTime = TimeSpan.FromSeconds(15);

    /// <summary>Connections at once.</summary>
    public const int Connections = 1000;

    /// <summary>Headers of a request.</summary>
    public const int Headers = 40;

    /// <summary>Bytes of all headers of a request.</summary>
    public const int HeaderBytes = 16 << 10;

    /// <summary>Bytes that the server buffers of a body before it reads on: with many uploads at once this is most of the memory.</summary>
    public const int BufferBytes = 64 << 10;
}
