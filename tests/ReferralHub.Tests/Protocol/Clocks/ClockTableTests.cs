using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Cryptography;

namespace ReferralHub.Tests.Protocol.Clocks;

/// <summary>Times that a policy or an agreement sets. Spec: docs/protocol.md §3.7.</summary>
public sealed class ClockTableTests
{
    private static readonly ClockTable Quick = ClockTable.Default with
    {
        Standard = ClockTable.Default.Standard with { Acknowledge = new(10, ClockRun.Always) },
    };

    [Fact]
    public void A_policy_may_set_its_own_times_in_seconds()
    {
        var text = Encoding.ASCII.GetString(StrictJson.Write(Policy(Quick)));
        Assert.Contains("\"standard\":{\"acknowledge\":{\"seconds\":10,\"runs\":\"always\"},\"decide\":{\"seconds\":259200,\"runs\":\"working-days\"}", text, StringComparison.Ordinal);
        Assert.True(StrictJson.TryRead<JurisdictionPolicy>(Encoding.ASCII.GetBytes(text), out var read));
        Assert.True(read.IsWellFormed);
        Assert.Equal(Quick, read.Clocks);
        Assert.True(Policy(null).IsWellFormed);
    }

    [Fact]
    public void A_review_is_due_within_72_hours_unless_a_policy_says_otherwise() =>
        Assert.Equal(new ClockPeriod(72 * 3600, ClockRun.Always), ClockTable.Default.Review);

    [Fact]
    public void No_time_is_nothing_or_longer_than_a_year_and_a_review_waits_for_no_opening()
    {
        ClockTable With(long seconds) => Quick with { Planned = Quick.Planned with { Close = new(seconds, ClockRun.Days) } };

        Assert.All([With(0), With(-1), With(31_536_001), Quick with { Review = new(1, ClockRun.Days) }], bad => Assert.False(Policy(bad).IsWellFormed));
        Assert.All([With(1), With(31_536_000)], good => Assert.True(Policy(good).IsWellFormed));
    }

    [Fact]
    public void Both_sides_of_an_agreement_say_the_same_times_and_they_fit_its_token()
    {
        var proposal = Proposal(Quick);
        var id = SignedStatement.Sign(Seeded.Key(1), proposal).Id;
        var acceptance = proposal with { Issuer = proposal.To, To = proposal.Issuer, Accepts = id };
        Assert.True(acceptance.IsAcceptanceOf(proposal, id));
        Assert.False((acceptance with { Clocks = ClockTable.Default }).IsAcceptanceOf(proposal, id));
        Assert.False((acceptance with { Clocks = null }).IsAcceptanceOf(proposal, id));
        Assert.Throws<ArgumentException>(() => SignedStatement.Sign(Seeded.Key(1), Proposal(Quick with { Review = new(0, ClockRun.Always) })));

        var period = new ClockPeriod(31_536_000, ClockRun.WorkingDays);
        var times = new ClockTimes(period, period, period, period);
        var longest = new ClockTable { Emergency = times, Urgent = times, Standard = times, Planned = times, Review = new(31_536_000, ClockRun.Always) };
        var largest = SignedStatement.Sign(Seeded.Key(1), acceptance with { Clocks = longest });
        Assert.True(largest.Jws.Token.Length <= SignedStatement.MaxSize);
        Assert.True(SignedStatement.TryRead(largest.Jws.Token, out _));
    }

    private static JurisdictionPolicy Policy(ClockTable? clocks) => new()
    {
        Id = PolicyId.Parse("north"),
        Version = 1,
        IssuedAt = WorkingCalendarTests.At("2026-03-02T10:00:00Z"),
        Bases = [Basis.Consent],
        MaxConsentDays = 365,
        Clocks = clocks,
    };

    // The longest that an agreement can be.
    private static Agreement Proposal(ClockTable clocks)
    {
        var (a, b) = (AgencyId.Parse(new string('a', 40)), AgencyId.Parse(new string('b', 40)));
        var head = new TreeHead(long.MaxValue, Digest.Of("head"u8));
        return new()
        {
            Issuer = a,
            IssuedAt = WorkingCalendarTests.At("2026-03-02T10:00:00Z"),
            Directory = head,
            AuditLog = head,
            AgreementId = Guid.Parse("0195a000-0000-7000-8000-000000000001"),
            To = b,
            Policy = PolicyId.Parse(new string('p', 40)),
            Routes = [new(a, b), new(b, a)],
            Purposes = Enum.GetValues<Purpose>(),
            Categories = Enum.GetValues<ClearCategory>(),
            From = WorkingCalendarTests.At("2026-03-02T10:00:00Z"),
            Until = WorkingCalendarTests.At("2027-03-02T10:00:00Z"),
            EraseAfterDays = 3650,
            Clocks = clocks,
        };
    }
}
