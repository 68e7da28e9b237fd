namespace ReferralHub.Protocol.Wire;

// The closed sets of docs/protocol.md §1.6. A name's kebab-case is its spelling on the wire (see Code).
#pragma warning disable CS1591 // the names are the documentation: a comment on each would repeat it

/// <summary>What an agency is.</summary>
public enum AgencyKind { Police, Hospital, Shelter, Ngo, SocialServices, Prosecutor, School }

/// <summary>The family of help that a referral asks for. The exact service is sealed.</summary>
public enum ServiceFamily { Shelter, Medical, Police, Legal, Psychosocial, Social, Education, Other }

/// <summary>How soon a person must act.</summary>
public enum Urgency { Emergency, Urgent, Standard, Planned }

/// <summary>What the recipient may use the content for.</summary>
public enum Purpose { Protection, Care, Investigation, Prosecution, Reintegration }

/// <summary>On what ground a referral stands.</summary>
public enum Basis { Consent, MandatoryReport, RiskOfSignificantHarm, CourtOrder, VitalInterests }

/// <summary>What a basis other than consent rests on. The reason in words is sealed.</summary>
public enum LegalGround { Statute, CourtRuling, ProsecutorOrder, DangerToLife, DangerOfSeriousHarm }

/// <summary>Whether the child was told of a referral that it did not agree to, and if not why. When and how is sealed.</summary>
public enum ChildTold { Told, WouldEndanger, Unreachable, Forbidden }

/// <summary>When the hub hands over the record.</summary>
public enum ReleaseRule { OnAcceptance, OnDelivery }

/// <summary>Why the record does not wait for acceptance.</summary>
public enum ReleaseReason { DangerToLife, EvidenceWindow, CourtDeadline }

/// <summary>Whether the grantor said yes.</summary>
public enum ConsentStatus { Granted, Denied }

/// <summary>A sealed part of a referral.</summary>
public enum Part { Summary, Record, Note, Question, Answer }

/// <summary>Why a recipient declined.</summary>
public enum DeclineReason
{
    NoCapacity, NotEligible, OutOfArea, WrongService, InsufficientInformation, ConflictOfInterest, AlreadyKnown,
}

/// <summary>Why a recipient's gateway does not take an envelope.</summary>
public enum DeliveryFault { DoesNotOpen, NotAsPromised, OutsideConsent, ConsentRefused }

/// <summary>Why the service did not come about, or broke off.</summary>
public enum FailReason { CouldNotContact, NoShow, ChildDeclined, Moved, NoCapacity }

/// <summary>Why a sender takes a referral back.</summary>
public enum WithdrawalReason { NoLongerNeeded, ChildDeclined, PlacedElsewhere, ConsentWithdrawn, NoResponse }

/// <summary>Why the urgency is another now.</summary>
public enum UrgencyReason { RiskIncreased, RiskDecreased, DeadlineChanged, SetByMistake }

/// <summary>How the service ended.</summary>
public enum Outcome { NeedsMet, NeedsMetInPart, ServiceEnded }

/// <summary>What a coordinator's review came to.</summary>
public enum ReviewFinding { InOrder, ToBeFollowedUp }

/// <summary>Whether a service can take somebody now.</summary>
public enum LiveCapacity { Capacity, Waitlist, AdditionalAssessment, NoCapacity }

/// <summary>Whether a service takes anybody.</summary>
public enum ServiceStatus { Active, Paused }

/// <summary>What a service asks for before it takes somebody.</summary>
public enum Eligibility { GuardianConsent, CourtOrder, PoliceReport, MedicalCheck, IdentityPapers }

/// <summary>What somebody did with opened content.</summary>
public enum AccessAct { Opened, Revealed, Printed, Exported, AttachmentSaved }

/// <summary>Why a lead opened content although the hub could not be asked whether it was revoked.</summary>
public enum BreakGlass { DangerToLife, DangerOfSeriousHarm, EvidenceWindow }

/// <summary>What a holder did with content that it was asked to erase.</summary>
public enum ErasureAct { Erased, Kept }

/// <summary>Why a holder may keep it.</summary>
public enum KeepGround { LegalHold, CourtRuling, RecordsDuty, LegalClaims }

/// <summary>What happened to a legal hold.</summary>
public enum HoldAct { Placed, Released }

/// <summary>A kind of content, as it is named inside envelopes.</summary>
public enum Category
{
    Summary, Identity, Contact, SafeContact, Caregivers, Concern, Health, Legal, ImmigrationStatus, Photos, Documents,
}

/// <summary>A kind of content, as it is named to the hub, which must not tell health, law and immigration apart.</summary>
public enum ClearCategory { Summary, Identity, Contact, SafeContact, Caregivers, Concern, Sensitive, Photos, Documents }

#pragma warning restore CS1591

/// <summary>How the hub may know a category.</summary>
public static class Categories
{
    /// <summary>The hub's word for <paramref name="category"/>.</summary>
    public static ClearCategory Clear(this Category category) => category switch
    {
        Category.Summary => ClearCategory.Summary,
        Category.Identity => ClearCategory.Identity,
        Category.Contact => ClearCategory.Contact,
        Category.SafeContact => ClearCategory.SafeContact,
        Category.Caregivers => ClearCategory.Caregivers,
        Category.Concern => ClearCategory.Concern,
        Category.Health or Category.Legal or Category.ImmigrationStatus => ClearCategory.Sensitive,
        Category.Photos => ClearCategory.Photos,
        Category.Documents => ClearCategory.Documents,
    };

    /// <summary>The hub's words for <paramref name="categories"/>, each once, in the order of §1.6.</summary>
    public static IReadOnlyList<ClearCategory> Clear(this IEnumerable<Category> categories) =>
        [.. categories.Select(Clear).Distinct().Order()];
}
