using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

/// <summary>What both agencies say in the story, as of now.</summary>
internal sealed partial class Story
{
    public Agreement Proposal() => new()
    {
        Issuer = Shelter,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        AgreementId = Id(1),
        To = Police,
        Policy = PolicyId.Parse("north"),
        Routes = [new(Police, Shelter), new(Shelter, Police)],
        Purposes = [Purpose.Protection, Purpose.Care],
        Categories = [ClearCategory.Summary, ClearCategory.Identity, ClearCategory.SafeContact, ClearCategory.Sensitive],
        From = Start,
        Until = Start.AddYears(1),
        EraseAfterDays = 90,
    };

    public Profile Published(WorkingHours hours) => new()
    {
        Issuer = Shelter,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Services = [new() { Offers = HelpService.Safehouse, Number = 1, Status = ServiceStatus.Active, AgeFrom = 10, AgeTo = 17, Languages = [Language.Ar], Areas = [AreaCode.Parse("north")], Assured = new(2026, 2, 27) }],
        Hours = hours,
        Telephone = Telephone.Parse("+96170000000"),
        By = Handle.Parse("wrk0002"),
    };

    public Consent Consent() => new()
    {
        Issuer = Police,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        ConsentId = Id(2),
        Case = CaseCode.Parse("0123456789ABCDEFGHJKMNPQRS"),
        To = Shelter,
        Purposes = [Purpose.Protection],
        Services = [ServiceFamily.Shelter, ServiceFamily.Psychosocial],
        Categories = [ClearCategory.Summary, ClearCategory.Identity, ClearCategory.SafeContact],
        ValidUntil = Start.AddDays(30),
        EraseAt = Start.AddDays(90),
        Status = ConsentStatus.Granted,
        Detail = Sealed("consent detail"),
        By = Handle.Parse("off0001"),
    };

    public Referral Referral() => new()
    {
        Issuer = Police,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        ReferralId = Id(3),
        To = Shelter,
        Case = CaseCode.Parse("0123456789ABCDEFGHJKMNPQRS"),
        Service = ServiceFamily.Shelter,
        Urgency = Urgency.Urgent,
        Purpose = Purpose.Protection,
        Basis = Basis.Consent,
        Consent = Id(2),
        Categories = [ClearCategory.Summary, ClearCategory.Identity],
        Release = ReleaseRule.OnAcceptance,
        Expires = Start.AddDays(7),
        By = Handle.Parse("off0001"),
        Parts = [new(Part.Summary, Sealed("summary"), 16_800), new(Part.Record, Sealed("record"), 33_200)],
    };

    public Acknowledgement Acknowledgement(HandoffAct act) =>
        new() { Issuer = Shelter, IssuedAt = _now, Directory = DirectoryHead, AuditLog = AuditHead, Referral = Id(3), After = _after, Act = act };

    public ReleaseRequest Request(AgencyId agency, Part part, Handle? by) => new()
    {
        Issuer = agency,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Referral = Id(3),
        After = _after,
        Part = part,
        Sha256 = Sealed(Code.Text(part)),
        Purpose = Purpose.Protection,
        By = by,
    };

    public Access Access(AgencyId agency, Part part, AccessAct act) => new()
    {
        Issuer = agency,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Referral = Id(3),
        After = _after,
        Act = act,
        Part = part,
        Sha256 = Sealed(Code.Text(part)),
        Purpose = Purpose.Protection,
        By = Handle.Parse(agency == Police ? "off0001" : "wrk0002"),
    };

    public ConsentRevocation Revocation(AgencyId by) => new()
    {
        Issuer = by,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        ConsentId = Id(2),
        To = by == Police ? Shelter : Police,
        By = Handle.Parse("off0001"),
    };

    public RevocationNotice Notice(AgencyId by) =>
        new() { Issuer = by, IssuedAt = _now, Directory = DirectoryHead, AuditLog = AuditHead, Referral = Id(3), After = _after, By = Handle.Parse("wrk0002") };

    public LegalHold Hold(HoldAct act) => new()
    {
        Issuer = Shelter,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Referral = Id(3),
        After = _after,
        Act = act,
        By = Handle.Parse("wrk0002"),
    };

    public Approval Approval(Digest approves, string by) => new()
    {
        Issuer = Shelter,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Approves = approves,
        To = Police,
        By = Handle.Parse(by),
    };

    public ErasureReceipt Erasure(ErasureAct act, KeepGround? ground = null) => new()
    {
        Issuer = Shelter,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Referral = Id(3),
        After = _after,
        Act = act,
        Ground = ground,
        By = Handle.Parse("wrk0002"),
    };

    public SenderAct LoopClosed() => SenderAct(HandoffAct.LoopClosed);

    public SenderAct SenderAct(HandoffAct act) => new()
    {
        Issuer = Police,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Referral = Id(3),
        After = _after,
        Act = act,
        By = Handle.Parse("off0001"),
    };

    /// <summary>What the hub says of a clock at a step of its chain.</summary>
    public HubAct Overdue(ClockKind clock, DateTimeOffset due, ClockStep step) => new()
    {
        Issuer = AgencyId.Hub,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Act = step == ClockStep.Reminder ? HubActCode.DueSoon : HubActCode.Overdue,
        Referral = Id(3),
        After = _after,
        Clock = clock,
        Due = due,
        Step = step == ClockStep.Reminder ? null : step,
    };

    /// <summary>Lets time pass in which nothing happens.</summary>
    public DateTimeOffset Wait(TimeSpan time) => _now += time;

    public HubAct Expired() => new()
    {
        Issuer = AgencyId.Hub,
        IssuedAt = _now,
        Directory = DirectoryHead,
        AuditLog = AuditHead,
        Act = HubActCode.Expired,
        Referral = Id(3),
        After = _after,
    };
}
