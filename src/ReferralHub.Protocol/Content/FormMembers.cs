namespace ReferralHub.Protocol.Content;

// The members of referral.json, docs/protocol.md §2.6: one for each data category, each field in exactly one of them. From
// these types the JSON Schema is made that the sender's gateway checks a form with, so a field that is not here cannot be sent.

/// <summary>What of a form's text is content: nothing prints it.</summary>
public abstract record FormMember
{
    /// <summary>Names the type only.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary><c>identity</c>: who the child is.</summary>
public sealed record Identity : FormMember
{
    /// <summary>The name, or what stands for it.</summary>
    public string? Name { get; init; }

    /// <summary>Date of birth.</summary>
    public DateOnly? DateOfBirth { get; init; }

    /// <summary>Age in years, where the date is not known.</summary>
    public int? Age { get; init; }

    /// <summary>Gender, as the child says.</summary>
    public Gender? Gender { get; init; }

    /// <summary>The language in which the child is best understood.</summary>
    public Language? Language { get; init; }

    /// <summary>Of a language that has no code, or a dialect: its name.</summary>
    public string? LanguageNote { get; init; }

    /// <summary>Whether an interpreter is needed.</summary>
    public bool? InterpreterNeeded { get; init; }

    /// <summary>What decides whether a recipient can help.</summary>
    public IReadOnlyList<SpecificNeed>? SpecificNeeds { get; init; }

    /// <summary>More about these needs.</summary>
    public string? SpecificNeedsNote { get; init; }
}

/// <summary><c>contact</c>: where the child is, or can be reached.</summary>
public sealed record Contact : FormMember
{
    /// <summary>Telephone.</summary>
    public string? Telephone { get; init; }

    /// <summary>Mail address.</summary>
    public string? Email { get; init; }

    /// <summary>Where the child lives or stays.</summary>
    public string? Address { get; init; }

    /// <summary>Anything else, accounts for one.</summary>
    public string? Other { get; init; }
}

/// <summary><c>safe-contact</c>: how to reach the child without bringing it into danger.</summary>
public sealed record SafeContact : FormMember
{
    /// <summary>How.</summary>
    public required ContactMethod Method { get; init; }

    /// <summary>The number, the place, the person.</summary>
    public string? Details { get; init; }

    /// <summary>When it is safe, in words.</summary>
    public string? SafeTimes { get; init; }

    /// <summary>Whether a voice message may be left.</summary>
    public bool? VoicemailAllowed { get; init; }

    /// <summary>Whether a text message may be sent.</summary>
    public bool? TextAllowed { get; init; }

    /// <summary>The word by which the child knows who calls.</summary>
    public string? CodeWord { get; init; }

    /// <summary>Who may answer.</summary>
    public IReadOnlyList<string>? MayAnswer { get; init; }

    /// <summary>Who must not know of the referral.</summary>
    public IReadOnlyList<string>? MustNotKnow { get; init; }

    /// <summary>Whether nobody may contact the child at all for now.</summary>
    public bool? DoNotContact { get; init; }

    /// <summary>When the child last confirmed this.</summary>
    public DateTimeOffset? LastConfirmedAt { get; init; }
}

/// <summary><c>caregivers</c>: who cares for the child.</summary>
public sealed record Caregivers : FormMember
{
    /// <summary>Each of them.</summary>
    public IReadOnlyList<Caregiver>? People { get; init; }

    /// <summary>With whom the child lives.</summary>
    public CareSituation? Situation { get; init; }

    /// <summary>Who holds parental responsibility.</summary>
    public ParentalResponsibility? ParentalResponsibility { get; init; }

    /// <summary>Who else lives there, in words.</summary>
    public string? Household { get; init; }
}

/// <summary>A caregiver.</summary>
public sealed record Caregiver : FormMember
{
    /// <summary>Who it is to the child.</summary>
    public required CaregiverRelation Relation { get; init; }

    /// <summary>Whether this person knows of the referral, and if not, why.</summary>
    public required Informed Informed { get; init; }

    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>How to reach this person.</summary>
    public string? Contact { get; init; }

    /// <summary>More about informing this person.</summary>
    public string? Note { get; init; }
}

/// <summary><c>concern</c>: what the referral is about, and who makes it.</summary>
public sealed record Concern : FormMember
{
    /// <summary>How high the sender takes the risk to be.</summary>
    public required Risk Risk { get; init; }

    /// <summary>Why the referral is made.</summary>
    public required string Reason { get; init; }

    /// <summary>What is asked for.</summary>
    public required IReadOnlyList<HelpService> ServicesRequested { get; init; }

    /// <summary>What was given already.</summary>
    public IReadOnlyList<HelpService>? ServicesGiven { get; init; }

    /// <summary>Why the risk is taken to be so high.</summary>
    public string? RiskReasoning { get; init; }

    /// <summary>Whether the child is safe for now.</summary>
    public ImmediateSafety? ImmediateSafety { get; init; }

    /// <summary>More about safety.</summary>
    public string? SafetyNote { get; init; }

    /// <summary>Forms of exploitation.</summary>
    public IReadOnlyList<ExploitationForm>? Forms { get; init; }

    /// <summary>Acts of trafficking.</summary>
    public IReadOnlyList<TraffickingAct>? Acts { get; init; }

    /// <summary>What makes it worse.</summary>
    public IReadOnlyList<Aggravation>? Aggravations { get; init; }

    /// <summary>Absolute deadline of a need that lapses, a forensic examination for one.</summary>
    public DateTimeOffset? EvidenceWindow { get; init; }

    /// <summary>Who refers.</summary>
    public Referrer? Referrer { get; init; }

    /// <summary>Anything else.</summary>
    public string? Remark { get; init; }
}

/// <summary>Who refers, so that the recipient can ask.</summary>
public sealed record Referrer : FormMember
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The position.</summary>
    public string? Position { get; init; }

    /// <summary>How to reach this person.</summary>
    public required string Contact { get; init; }

    /// <summary>Whether the safeguarding lead was consulted.</summary>
    public bool? SafeguardingLeadConsulted { get; init; }
}

/// <summary><c>health</c>.</summary>
public sealed record Health : FormMember
{
    /// <summary>Needs.</summary>
    public IReadOnlyList<HealthNeed>? Needs { get; init; }

    /// <summary>Allergies.</summary>
    public string? Allergies { get; init; }

    /// <summary>Medicines.</summary>
    public string? Medication { get; init; }

    /// <summary>Anything else.</summary>
    public string? Note { get; init; }
}

/// <summary><c>legal</c>: proceedings in which the child is protected or heard.</summary>
public sealed record Legal : FormMember
{
    /// <summary>Proceedings under way.</summary>
    public string? Proceedings { get; init; }

    /// <summary>An order that protects the child.</summary>
    public string? ProtectionOrder { get; init; }

    /// <summary>Who represents the child.</summary>
    public string? Representative { get; init; }

    /// <summary>Anything else.</summary>
    public string? Note { get; init; }
}

/// <summary><c>immigration-status</c>: disclosed only when the sender names it, never by the way.</summary>
public sealed record ImmigrationStatus : FormMember
{
    /// <summary>What makes it worse and has to do with papers.</summary>
    public IReadOnlyList<PapersConcern>? Aggravations { get; init; }

    /// <summary>Nationality.</summary>
    public string? Nationality { get; init; }

    /// <summary>Which papers there are.</summary>
    public string? Papers { get; init; }

    /// <summary>Anything else.</summary>
    public string? Note { get; init; }
}
