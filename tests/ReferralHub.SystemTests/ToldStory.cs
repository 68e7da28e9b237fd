using ReferralHub.Demo;
using ReferralHub.Demo.Stories;
using ReferralHub.SystemTests.Security;

[assembly: AssemblyFixture(typeof(ReferralHub.SystemTests.ToldStory))]

namespace ReferralHub.SystemTests;

/// <summary>
/// Two referrals that went there and back, the first through power cuts, with a canary in everything sealed, and their
/// evidence; hub and gateways are still up. Told once for all tests that only look at it.
/// </summary>
public class ToldStory : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<Told>> _told;
    private Cast? _cast;

    public ToldStory() => _told = new(Tell);

    /// <summary>Tells it when it is first asked for.</summary>
    internal Task<Told> Hear() => _told.Value;

    public async ValueTask DisposeAsync()
    {
        using (_folder)
        {
            if (_cast is not null) await _cast.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The engine.json of the hub in it; null for the embedded engine.</summary>
    protected virtual Task<string?> Engine() => Task.FromResult<string?>(null);

    private async Task<Told> Tell()
    {
        var ct = CancellationToken.None; // it is not one test's to cancel
        var canary = new Canary();
        _cast = await Cast.AssemblePair(_folder.Path, Narrator.Silent, ct, await Engine());
        var cutOff = new Handoff(_cast.Police, _cast, Narrator.Silent) { Remark = canary.Word };
        await TellWithPowerCuts(_cast, cutOff, ct);
        var handoff = new Handoff(_cast.Police, _cast, Narrator.Silent) { Remark = canary.Word };
        await handoff.Tell(ct);
        return new(_cast, handoff, canary, await Prove(handoff))
        {
            AfterPowerCuts = await Prove(cutOff),
        };

        Task<Evidence> Prove(Handoff told) => Evidence.Take(_cast, new(told.Referral, _cast.Police, "loop-closed"), Narrator.Silent, ct);
    }

    private static async Task TellWithPowerCuts(Cast cast, Handoff handoff, CancellationToken ct)
    {
        await handoff.RecordConsent(ct);
        await handoff.Send(ct);
        await handoff.Arrive(ct);
        await handoff.Clarify(ct);
        await cast.Police.Kill();
        await cast.Shelter.Kill();
        await cast.Shelter.Serve(ct);
        await handoff.Accept(ct);
        await cast.Hub.Kill();
        await cast.Hub.Serve(ct);
        await handoff.OpenRecord(ct);
        await cast.Police.Serve(ct);
        await handoff.Complete(ct);
        await handoff.Close(ct);
    }
}

/// <summary>Who was in it, what was sent last, and what is proved of it.</summary>
internal sealed record Told(Cast Cast, Handoff Handoff, Canary Canary, Evidence Evidence)
{
    /// <summary>What is proved of the referral on whose way everybody lost power.</summary>
    public required Evidence AfterPowerCuts { get; init; }
}
