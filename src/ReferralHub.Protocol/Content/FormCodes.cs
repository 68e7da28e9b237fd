using System.Text.Json.Serialization;

namespace ReferralHub.Protocol.Content;

// The sealed value sets of docs/protocol.md §1.7. What each code means stands in Vocabulary/ValueSets.json, for people.
#pragma warning disable CS1591 // the names are the documentation: a comment on each would repeat it

/// <summary>Forms of commercial sexual exploitation.</summary>
public enum ExploitationForm
{
    StreetProstitution, SurvivalSex, Brothel, SexTourism, GangBased, Intrafamilial, SexualAbuseMaterial, LivestreamedAbuse,
    Stripping, EroticMassage, PhoneSex, InternetBased, EarlyOrForcedMarriage, Other,
}

/// <summary>Acts of trafficking. Of a child no means need be shown.</summary>
public enum TraffickingAct { Recruitment, Transportation, Transfer, Harbouring, Receipt }

/// <summary>What makes it worse, as far as the concern goes. What tells of papers is <see cref="PapersConcern"/>.</summary>
public enum Aggravation
{
    DebtBondage, SoldByFamily, BlackmailWithImages, Violence, Drugs, OfficialInvolved, ArmedGroupOrMilitary, CrossBorder,
}

/// <summary>What makes it worse and is immigration-status data, so that a referral does not tell it by the way.</summary>
public enum PapersConcern { Undocumented }

/// <summary>Needs of health.</summary>
public enum HealthNeed
{
    Injury, ForensicEvidence, StiOrHiv, Pregnancy, CervicalHealth, SubstanceUse, SuicidalRisk, SelfHarm, SleepOrEating,
    Dissociation, Trauma,
}

/// <summary>The exact service. Outside an envelope only its family is known, except in the directory.</summary>
public enum HelpService
{
    Safehouse, Medical, ForensicExam, Psychosocial, Police, Legal, ChildProtection, FamilyMediation, Reunification, Education,
    Livelihoods, Interpretation, Documentation,
}

/// <summary>The sender's assessment of risk.</summary>
public enum Risk { High, Medium, Low }

/// <summary>Whether the child is safe while the recipient decides.</summary>
public enum ImmediateSafety { SafeNow, NotSafe, NotKnown }

/// <summary>Years of age, from and to.</summary>
public enum AgeBand
{
    [JsonStringEnumMemberName("0-5")] UpTo5,
    [JsonStringEnumMemberName("6-9")] From6To9,
    [JsonStringEnumMemberName("10-12")] From10To12,
    [JsonStringEnumMemberName("13-15")] From13To15,
    [JsonStringEnumMemberName("16-17")] From16To17,
    [JsonStringEnumMemberName("18-and-over")] From18,
    Unknown,
}

/// <summary>Gender, as the child says.</summary>
public enum Gender { Girl, Boy, AnotherGender, NotStated }

/// <summary>What decides whether a recipient can help, beside the service itself. Nothing of health: that is a category of its own.</summary>
public enum SpecificNeed { StepFreeAccess, Hearing, Sight, Speech, Learning, PersonalCare, Diet, WithInfant, WithSiblings, WomenStaffOnly, CloseSupervision }

/// <summary>A language, by its ISO 639 code; <see cref="Sgn"/> are the sign languages.</summary>
public enum Language
{
    Am, Ar, Bn, Ckb, De, En, Es, Fa, Fr, Ha, Hi, Ht, Id, Ku, Km, Lo, My, Ne, Ps, Pt, Ro, Ru, Rw, Sgn, So, Sq, Sw, Ta, Th, Ti,
    Tl, Tr, Uk, Ur, Vi, Yo, Zh, Other,
}

/// <summary>How to reach the child.</summary>
public enum ContactMethod { Call, TextMessage, Email, InPerson, ThroughDutyDesk, ThroughSchool, ThroughTrustedAdult }

/// <summary>What to mind before any contact.</summary>
public enum SafeContactWarning { DoNotContact, DutyDeskOnly, NoVoicemail, NoTextMessage, CodeWord, SafeTimesOnly, MustNotKnow, NotConfirmed }

/// <summary>Who a caregiver is to the child.</summary>
public enum CaregiverRelation { Mother, Father, Parent, StepParent, Grandparent, AuntOrUncle, Sibling, OtherRelative, FosterCarer, LegalGuardian, CareHome, OtherAdult }

/// <summary>Whether a caregiver knows of the referral, and if not, why.</summary>
public enum Informed { Informed, NotSafe, ChildObjects, NotReached, UnderInvestigation }

/// <summary>With whom the child lives.</summary>
public enum CareSituation { WithCaregiver, Separated, Unaccompanied, InCare, NotKnown }

/// <summary>Who holds parental responsibility.</summary>
public enum ParentalResponsibility { BothParents, OneParent, Guardian, State, Nobody, NotKnown }

#pragma warning restore CS1591
