using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Clocks;

/// <summary>
/// What is owed about a referral, with all that the board shows of it. Written in the transaction of the act that moves it, so
/// it is never another than the referral's own state. A clock is a row and no message: it survives whatever restarts.
/// </summary>
internal sealed class ClockRecord
{
    public required Guid Referral { get; init; }

    public required AgencyId Sender { get; init; }

    public required AgencyId Recipient { get; init; }

    public required ServiceFamily Service { get; init; }

    public required Urgency Urgency { get; set; }

    public required HandoffState State { get; set; }

    /// <summary>The statement that set the state.</summary>
    public required Digest After { get; set; }

    public ClockKind Kind { get; private set; }

    public DateTimeOffset Since { get; private set; }

    public DateTimeOffset Half { get; private set; }

    public DateTimeOffset Due { get; private set; }

    public DateTimeOffset Leads { get; private set; }

    public DateTimeOffset Coordinator { get; private set; }

    public long? Left { get; private set; }

    /// <summary>The last step that spoke since the clock began; null when none has.</summary>
    public ClockStep? Spoke { get; private set; }

    /// <summary>When the next one speaks; null when all have. Of two loops that race, one finds it changed.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    public HandoffClock Clock
    {
        get => new(Kind, Since, Half, Due, Leads, Coordinator, Left);
        set
        {
            // A clock that only got another time has said what it said.
            if ((value.Kind, value.Since) != (Kind, Since)) Spoke = null;
            (Kind, Since, Half, Due, Leads, Coordinator, Left) =
                (value.Kind, value.Since, value.Half, value.Due, value.Leads, value.Coordinator, value.Left);
            Schedule();
        }
    }

    /// <summary>The step that is to speak at <paramref name="at"/>, or null.</summary>
    public ClockStep? StepAt(DateTimeOffset at)
    {
        if (NextAt is null || at < NextAt) return null;
        // Nobody is reminded of what is missed already.
        var next = Next(Spoke);
        return next == ClockStep.Reminder && at >= Due ? ClockStep.Breach : next;
    }

    /// <summary>Takes a step off the list.</summary>
    public void Speak(ClockStep step)
    {
        Spoke = step;
        Schedule();
    }

    private void Schedule() => NextAt = Next(Spoke) is { } next ? Clock.At(next) : null;

    private static ClockStep? Next(ClockStep? spoke) => spoke is not { } last ? ClockStep.Reminder : last switch
    {
        ClockStep.Reminder => ClockStep.Breach,
        ClockStep.Breach => ClockStep.Leads,
        ClockStep.Leads => ClockStep.Coordinator,
        ClockStep.Coordinator => null,
    };

    internal sealed class Table : IEntityTypeConfiguration<ClockRecord>
    {
        public void Configure(EntityTypeBuilder<ClockRecord> builder)
        {
            builder.ToTable("clocks").HasKey(c => c.Referral);
            builder.Ignore(c => c.Clock);
            builder.Property(c => c.NextAt).IsConcurrencyToken();
            builder.HasIndex(c => c.NextAt).HasFilter("next_at IS NOT NULL");
            builder.HasIndex(c => c.Due);
        }
    }
}
