using System.Globalization;

namespace ReferralHub.Demo.Stories;

/// <summary>What people of the stories write, as JSON. Everybody in it is invented, and it says so.</summary>
internal static class Papers
{
    /// <summary>The child, as the police file knows it; never leaves that gateway.</summary>
    public const string Subject = "SYNTHETIC case 0001, Sara Example (سارة مثال)";

    /// <summary>What the demo's jurisdiction allows; a standard referral is to be acknowledged within ten seconds, so that something is to be seen.</summary>
    public static string Policy(DateTimeOffset now) =>
        $$"""
        {"policy": "demo-policy", "version": 1, "iat": "{{Text(now)}}", "bases": ["consent", "risk-of-significant-harm"], "maxConsentDays": 365, "keepRecordsDays": 3650,
          "rules": [{"basis": "risk-of-significant-harm", "grounds": ["danger-to-life", "danger-of-serious-harm"], "secondApprover": true, "review": true}],
          "onDelivery": ["evidence-window"],
          "areas": ["north", "north-coast", "south"],
          "consentAges": [{"from": 0, "until": 18, "grantors": [["child-assent", "guardian"], ["child-assent", "caregiver"], ["court"]]}],
          "clocks": {
            "emergency": {{Times(3600, 14_400, 86_400)}},
            "urgent": {{Times(14_400, 86_400, 259_200)}},
            "standard": {{Times(10, 259_200, 864_000)}},
            "planned": {{Times(259_200, 864_000, 2_592_000)}},
            "review": {{Seconds(259_200)}}
          }
        }
        """;

    private static string Times(int acknowledge, int decide, int update) =>
        $$"""{"acknowledge": {{Seconds(acknowledge)}}, "decide": {{Seconds(decide)}}, "update": {{Seconds(update)}}, "close": {{Seconds(update)}}}""";

    private static string Seconds(int seconds) => FormattableString.Invariant($$"""{"seconds": {{seconds}}, "runs": "always"}""");

    public static string Agreement(string one, string other, DateTimeOffset now) =>
        $$"""
        {
          "with": "{{other}}",
          "policy": "demo-policy",
          "routes": [{"from": "{{one}}", "to": "{{other}}"}, {"from": "{{other}}", "to": "{{one}}"}],
          "purposes": ["protection", "care"],
          "categories": ["summary", "identity", "contact", "safe-contact", "caregivers", "concern", "sensitive", "photos", "documents"],
          "from": "{{Text(now)}}",
          "until": "{{Text(now.AddDays(365))}}",
          "eraseAfterDays": 90
        }
        """;

    /// <summary>A consent to share who the child is, how to reach it safely, and papers; not its health; <paramref name="note"/> is in the sealed detail.</summary>
    public static string Consent(DateTimeOffset now, string note = "SYNTHETIC") =>
        $$"""
        {
          "subject": "{{Subject}}",
          "purposes": ["protection", "care"],
          "services": ["shelter", "psychosocial"],
          "validUntil": "{{Text(now.AddDays(30))}}",
          "eraseAt": "{{Text(now.AddDays(90))}}",
          "status": "granted",
          "detail": {
            "grantors": ["child-assent", "guardian"],
            "competenceAssessed": "yes, with interpreter",
            "categories": ["identity", "contact", "safe-contact", "caregivers", "concern", "photos", "documents"],
            "services": ["safehouse", "psychosocial", "interpretation"],
            "form": "verbal-witnessed",
            "language": "Arabic (العربية)",
            "risksExplained": "yes; {{note}}",
            "obtainedAt": "{{Text(now)}}",
            "obtainedBy": "SYNTHETIC Officer Noor Example"
          }
        }
        """;

    /// <summary>A referral to a shelter, with three attachments that lie beside it or none; <paramref name="note"/> is in the form.</summary>
    public static string Referral(DateTimeOffset now, string note = "SYNTHETIC", bool withFiles = false) =>
        $$"""
        {
          "purpose": "protection",
          "need": {{Need("shelter")}},
          "form": {
            {{Identity(note)}},
            {{Reach(note)}},
            {{Concern(now, note)}}
          },
          "attachments": [{{(withFiles ? Files(note) : "")}}]
        }
        """;

    /// <summary>A referral for counselling; no files.</summary>
    public static string ReferralToCounselling(DateTimeOffset now) =>
        $$"""
        {
          "purpose": "care",
          "need": {{Need("psychosocial")}},
          "form": {
            {{Identity("SYNTHETIC")}},
            {{Reach("SYNTHETIC")}},
            {{Concern(now, "SYNTHETIC")}}
          }
        }
        """;

    /// <summary>What a house offers that counsels, day and night.</summary>
    public static string Profile(DateTimeOffset now) =>
        $$"""
        {
          "services": [{
            "offers": "psychosocial", "number": 1, "status": "active", "ageFrom": 6, "ageTo": 17,
            "languages": ["ar", "en"], "areas": ["north"], "waitDays": 1, "assured": "{{now.UtcDateTime:yyyy-MM-dd}}"
          }],
          "hours": {
            "zone": "UTC",
            "week": [["00:00-24:00"], ["00:00-24:00"], ["00:00-24:00"], ["00:00-24:00"], ["00:00-24:00"], ["00:00-24:00"], ["00:00-24:00"]],
            "holidays": []
          },
          "telephone": "+10000000000"
        }
        """;

    /// <summary>An emergency to a hospital that goes without consent.</summary>
    public static string Emergency(DateTimeOffset now) =>
        $$"""
        {
          "purpose": "protection",
          "need": {{Need("medical", "emergency")}},
          "form": {
            {{Identity("SYNTHETIC")}},
            {{Concern(now, "SYNTHETIC")}},
            "health": { "needs": ["forensic-evidence"] }
          },
          "without": {
            "subject": "{{Subject}}",
            "basis": "risk-of-significant-harm",
            "ground": "danger-of-serious-harm",
            "told": "unreachable",
            "reason": "SYNTHETIC: no guardian can be asked before the examination must be / لا يمكن سؤال وصي قبل الفحص",
            "when": "SYNTHETIC: told as soon as she can be asked"
          },
          "early": "evidence-window"
        }
        """;

    /// <summary>A referral that also tells of health, which nobody agreed to.</summary>
    public static string ReferralWithHealth(DateTimeOffset now) =>
        $$"""
        {
          "purpose": "protection",
          "need": {{Need("shelter")}},
          "form": {
            {{Identity("SYNTHETIC")}},
            {{Concern(now, "SYNTHETIC")}},
            "health": { "needs": ["injury"], "allergies": "penicillin (SYNTHETIC)" }
          }
        }
        """;

    /// <summary>A referral to a service that nobody agreed to.</summary>
    public static string ReferralToSchool(DateTimeOffset now) =>
        $$"""
        {
          "purpose": "protection",
          "need": {{Need("education")}},
          "form": {
            {{Identity("SYNTHETIC")}},
            {{Concern(now, "SYNTHETIC")}}
          }
        }
        """;

    private static string Files(string mark) =>
        $$"""

            {"file": "{{Attached.Form}}", "name": "{{mark}} hand-over form.pdf", "type": "application/pdf", "category": "documents"},
            {"file": "{{Attached.Photo}}", "name": "{{mark}} test pattern.jpg", "type": "image/jpeg", "category": "photos"},
            {"file": "{{Attached.Film}}", "name": "{{mark}} test pattern.mp4", "type": "video/mp4", "category": "documents"}

        """;

    private static string Identity(string mark) =>
        $$"""
        "identity": {
          "name": "{{mark}} Sara Example / سارة مثال",
          "age": 14,
          "gender": "girl",
          "language": "ar",
          "interpreterNeeded": true
        }
        """;

    private static string Reach(string mark) =>
        $$"""
        "contact": { "address": "{{mark}} House 0, Example Street, Example Town" },
        "safe-contact": {
          "method": "through-duty-desk",
          "safeTimes": "09:00-17:00",
          "voicemailAllowed": false,
          "codeWord": "SYNTHETIC jasmine / ياسمين"
        },
        "caregivers": {
          "people": [{ "relation": "aunt-or-uncle", "informed": "informed", "name": "SYNTHETIC خالة" }],
          "situation": "separated"
        }
        """;

    private static string Concern(DateTimeOffset now, string remark) =>
        $$"""
        "concern": {
          "risk": "high",
          "reason": "SYNTHETIC: a place tonight / مكان آمن لهذه الليلة",
          "servicesRequested": ["safehouse", "psychosocial", "interpretation"],
          "servicesGiven": ["interpretation"],
          "acts": ["recruitment"],
          "immediateSafety": "safe-now",
          "evidenceWindow": "{{Text(now.AddHours(72))}}",
          "remark": "{{remark}}"
        }
        """;

    private static string Need(string service, string urgency = "urgent") =>
        $$"""
        { "service": "{{service}}", "urgency": "{{urgency}}", "area": "north" }
        """;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
