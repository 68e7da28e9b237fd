using ReferralHub.SystemTests.Embedded;
using ReferralHub.SystemTests.Servers;

namespace ReferralHub.SystemTests.Engine;

/// <summary>The story with a hub on PostgreSQL and RabbitMQ.</summary>
public sealed class EngineStory(SharedServers servers) : ToldStory
{
    protected override async Task<string?> Engine() => (await servers.MakeEngine(CancellationToken.None)).File;
}

[Trait("group", "engine")]
[Collection(nameof(SharedServers))]
public sealed class EngineHandoffTests(EngineStory story) : HandoffTests(story), IClassFixture<EngineStory>;
