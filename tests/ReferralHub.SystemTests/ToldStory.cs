using ReferralHub.Demo;
using ReferralHub.Demo.Stories;
using ReferralHub.SystemTests.Security;

[assembly: AssemblyFixture(typeof(ReferralHub.SystemTests.ToldStory))]

namespace ReferralHub.SystemTests;

/// <summary>
/// A referral that went there and back, with a canary in everything sealed, and its evidence; hub and gateways are still up.
/// Told once for all tests that only look at it.
/// </summary>
public sealed class ToldStory : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<Told>> _told;
    private Cast? _cast;

    public ToldStory() => _told = new(Tell);

    /// <summary>Tells it when it is first asked for.</summary>
    internal Task<Told> Hear() => _told.Value;

    public async ValueTask DisposeAsync()
    {
        if (_cast is not null) await _cast.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<Told> Tell()
    {
        var ct = CancellationToken.None; // it is not one test's to cancel
        var canary = new Canary();
        _cast = await Cast.Assemble(_folder.Path, Narrator.Silent, ct);
        var handoff = new Handoff(_cast, Narrator.Silent) { Remark = canary.Word };
        await handoff.Tell(ct);
        return new(_cast, handoff, canary, await Evidence.Take(_cast, handoff.Referral, Narrator.Silent, ct));
    }
}

/// <summary>Who was in it, what was sent, and what is proved of it.</summary>
internal sealed record Told(Cast Cast, Handoff Handoff, Canary Canary, Evidence Evidence);
