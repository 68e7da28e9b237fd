using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Content;

/// <summary>
/// <c>summary.json</c>: what a recipient needs to decide, and nothing that identifies the child. Spec: docs/protocol.md §2.6.
/// </summary>
public sealed record Summary
{
    /// <summary>The family of help, as in the routing facts.</summary>
    public required ServiceFamily Service { get; init; }

    /// <summary>How soon, as in the routing facts.</summary>
    public required Urgency Urgency { get; init; }

    /// <summary>Years, from and to.</summary>
    public required AgeBand AgeBand { get; init; }

    /// <summary>The sender's assessment.</summary>
    public required Risk Risk { get; init; }

    /// <summary>Coarse area, never an address.</summary>
    public required AreaCode Area { get; init; }

    /// <summary>Gender, as the child says.</summary>
    public Gender? Gender { get; init; }

    /// <summary>The language in which the child is best understood.</summary>
    public Language? Language { get; init; }

    /// <summary>Whether an interpreter is needed.</summary>
    public bool? InterpreterNeeded { get; init; }

    /// <summary>What decides whether the recipient can help.</summary>
    public IReadOnlyList<SpecificNeed>? SpecificNeeds { get; init; }

    /// <summary>Absolute deadline of a need that lapses, a forensic examination for one.</summary>
    public DateTimeOffset? EvidenceWindow { get; init; }

    /// <summary>What to mind before any contact.</summary>
    public IReadOnlyList<SafeContactWarning>? SafeContactFlags { get; init; }

    /// <summary>Names of people at the recipient who must never see that this referral exists.</summary>
    public IReadOnlyList<string>? ExcludedPeople { get; init; }

    /// <summary>Names the type only: the text of a summary belongs nowhere but on a screen.</summary>
    public override string ToString() => nameof(Summary);
}

/// <summary>What the summary says that the form does not.</summary>
/// <param name="Service">The family of help; the hub is told.</param>
/// <param name="Urgency">How soon; the hub is told.</param>
/// <param name="Area">Where, coarsely.</param>
/// <param name="ExcludedPeople">Names of people at the recipient who must never see that this referral exists.</param>
public sealed record Need(ServiceFamily Service, Urgency Urgency, AreaCode Area, IReadOnlyList<string>? ExcludedPeople = null)
{
    /// <summary>Names the type only.</summary>
    public override string ToString() => nameof(Need);
}

/// <summary>How the summary follows from the form. Codes and one time: nothing that anybody wrote gets into it.</summary>
public static class Summaries
{
    /// <summary>The summary of a referral.</summary>
    /// <param name="need">What is asked for.</param>
    /// <param name="form">The whole form, also what of it is not disclosed.</param>
    /// <param name="now">The time, since an age depends on it.</param>
    public static Summary Of(Need need, CheckedForm form, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(need);
        ArgumentNullException.ThrowIfNull(form);
        var (identity, contact) = (form.Identity, form.SafeContact);
        SafeContactWarning[] flags = [.. Flags(contact)];
        return new()
        {
            Service = need.Service,
            Urgency = need.Urgency,
            AgeBand = Ages.BandOf(identity?.DateOfBirth is { } born ? Ages.At(born, now) : identity?.Age),
            Risk = form.Concern.Risk,
            Area = need.Area,
            Gender = identity?.Gender,
            Language = identity?.Language,
            InterpreterNeeded = identity?.InterpreterNeeded,
            SpecificNeeds = identity?.SpecificNeeds,
            EvidenceWindow = form.Concern.EvidenceWindow,
            SafeContactFlags = flags.Length == 0 ? null : flags,
            ExcludedPeople = need.ExcludedPeople,
        };
    }

    // Whoever gets only the summary must know what not to do, not how the child is reached.
    private static IEnumerable<SafeContactWarning> Flags(SafeContact? contact)
    {
        if (contact is null) yield break;
        if (contact.DoNotContact == true) yield return SafeContactWarning.DoNotContact;
        if (contact.Method == ContactMethod.ThroughDutyDesk) yield return SafeContactWarning.DutyDeskOnly;
        if (contact.VoicemailAllowed != true) yield return SafeContactWarning.NoVoicemail;
        if (contact.TextAllowed != true) yield return SafeContactWarning.NoTextMessage;
        if (contact.CodeWord is not null) yield return SafeContactWarning.CodeWord;
        if (contact.SafeTimes is not null) yield return SafeContactWarning.SafeTimesOnly;
        if (contact.MustNotKnow is not null) yield return SafeContactWarning.MustNotKnow;
        if (contact.LastConfirmedAt is null) yield return SafeContactWarning.NotConfirmed;
    }
}
