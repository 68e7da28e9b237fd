[assembly: AssemblyFixture(typeof(ReferralHub.SystemTests.SharedPair))]

namespace ReferralHub.SystemTests;

/// <summary>One such pair for all tests: each works with referrals of its own.</summary>
public sealed class SharedPair : IAsyncDisposable
{
    private readonly Lazy<Task<DirectPair>> _pair = new(() => DirectPair.Assemble(CancellationToken.None)); // not one test's to cancel

    public async ValueTask DisposeAsync()
    {
        if (_pair.IsValueCreated && _pair.Value.IsCompletedSuccessfully) await (await _pair.Value).DisposeAsync();
    }

    /// <summary>The pair, with a hub that has only just started and has nothing of before in its log file.</summary>
    internal async Task<DirectPair> Meet(CancellationToken ct)
    {
        var fresh = !_pair.IsValueCreated;
        var pair = await _pair.Value;
        if (fresh) return pair;
        await pair.Hub.DisposeAsync();
        File.Delete(pair.Hub.Log);
        await pair.Hub.Serve(ct);
        return pair;
    }
}
