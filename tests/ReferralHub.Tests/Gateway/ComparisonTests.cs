using ReferralHub.Cryptography.Statements;
using ReferralHub.Gateway;
using ReferralHub.Gateway.Directory;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway;

/// <summary>What people compare by voice, and how old the directory is that they compare with. Spec: docs/protocol.md §2.2, §4.1.</summary>
public sealed class ComparisonTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_comparison_by_voice_is_recorded_with_who_and_when_for_that_key_only()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = await FindAsync(pair);
        Assert.Null(shelter.Compared);

        await CompareAsync(pair, shelter.Digits.Replace(" ", "", StringComparison.Ordinal));
        await CompareAsync(pair, $" {shelter.Words.ToUpperInvariant().Replace(" ", "  ", StringComparison.Ordinal)}\n");
        shelter = await FindAsync(pair);
        Assert.Equal(pair.Police.Worker, shelter.ComparedBy);
        Assert.True(pair.Clock.GetUtcNow() - shelter.Compared < TimeSpan.FromMinutes(1));

        // Another recovery key, which the registrars have signed for, is to be compared anew.
        await ChangeRecoveryAsync(pair);
        var changed = await FindAsync(pair);
        Assert.NotEqual(shelter.Digits, changed.Digits);
        Assert.Null(changed.Compared);
        await RefusedAsync(pair, shelter.Digits);
    }

    [Fact]
    public async Task What_was_read_out_and_differs_is_an_alarm_and_records_nothing()
    {
        await using var pair = await TestPair.StartAsync();
        var shelter = await FindAsync(pair);

        await RefusedAsync(pair, shelter.Digits[..^1] + (shelter.Digits[^1] == '0' ? '1' : '0'));
        await RefusedAsync(pair, shelter.Digits[..^6]);
        await RefusedAsync(pair, string.Join(' ', shelter.Words.Split(' ').SkipLast(1)));
        await RefusedAsync(pair, "");

        Assert.Equal(["fingerprint-differs shelter"], await pair.Police.AlarmsAsync());
        Assert.Null((await FindAsync(pair)).Compared);
        Assert.Equal(Refusal.UnknownPerson, (await Assert.ThrowsAsync<RefusedException>(() => CompareAsync(pair, shelter.Digits, Handle.Parse("nobody")))).Refusal);
    }

    [Fact]
    public async Task A_directory_that_was_not_confirmed_for_an_hour_is_warned_of_before_sealing_stops()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Police.SyncAsync();
        Assert.Null((await ShownAsync(pair)).Warning);

        pair.Clock.Ahead += TimeSpan.FromMinutes(59);
        Assert.Null((await ShownAsync(pair)).Warning);
        pair.Clock.Ahead += TimeSpan.FromMinutes(2);
        var late = await ShownAsync(pair);

        Assert.NotNull(late.Warning);
        Assert.Equal(2, late.ExitCode());
    }

    private static Task<CompareFingerprint.Compared> CompareAsync(TestPair pair, string read, Handle? by = null) => pair.Police.With(db => CompareFingerprint.Handle(
        new(pair.Shelter.Id, read, by ?? pair.Police.Worker), db, pair.Police.Use<FollowDirectory>(), pair.Clock,
        Microsoft.Extensions.Logging.Abstractions.NullLogger<FollowDirectory>.Instance, Ct));

    private static async Task RefusedAsync(TestPair pair, string read) =>
        Assert.Equal(Refusal.FingerprintDiffers, (await Assert.ThrowsAsync<RefusedException>(() => CompareAsync(pair, read))).Refusal);

    private static Task<ShowDirectory.Shown> ShownAsync(TestPair pair) => pair.Police.With(db => ShowDirectory.Handle(db, pair.Police.Use<FollowDirectory>(), pair.Clock, Ct));

    private static async Task<ShowDirectory.Member> FindAsync(TestPair pair) => (await ShownAsync(pair)).Agencies.Single(a => a.Agency == pair.Shelter.Id);

    private static async Task ChangeRecoveryAsync(TestPair pair)
    {
        using var fresh = SigningKey.Import(System.Security.Cryptography.RandomNumberGenerator.GetBytes(SigningKey.SeedSize));
        var last = pair.Police.Use<FollowDirectory>().Current.Find(pair.Shelter.Id)!.Last;
        pair.Hub.Add(AgencyEvent.Typ, StrictJson.Write(new AgencyChange
        {
            Agency = pair.Shelter.Id,
            Seq = last.Seq + 1,
            Prev = last.PayloadDigest,
            IssuedAt = WireTime.Whole(pair.Clock.GetUtcNow()),
            Event = AgencyChangeCode.ChangeRecovery,
            Recovery = fresh.VerifyingKey,
        }));
        await pair.Police.SyncAsync();
    }
}
