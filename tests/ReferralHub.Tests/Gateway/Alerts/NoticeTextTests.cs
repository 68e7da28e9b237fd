using ReferralHub.Gateway.Alerts;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Vocabulary;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway.Alerts;

/// <summary>Every text by which a gateway tells people, mail and command, word for word: a count, what is owed, a link.</summary>
public sealed class NoticeTextTests
{
    private const string Link = "https://gateway.example/";

    // What is owed, in each language.
    private static readonly (ClockKind Clock, string En, string Ar)[] Owed =
    [
        (ClockKind.Acknowledge, "acknowledge", "تأكيد الاستلام"),
        (ClockKind.Decide, "decide on", "القرار"),
        (ClockKind.Answer, "answer", "الجواب"),
        (ClockKind.Update, "say more about", "إفادة جديدة"),
        (ClockKind.Close, "close", "الإغلاق"),
        (ClockKind.Erase, "erase or keep on a ground", "المحو أو الإبقاء بسبب"),
        (ClockKind.Review, "review", "المراجعة"),
    ];

    // The first four say what is owed; the others are about nothing that is.
    private static readonly (AlertStage Stage, string En, string Ar)[] Templates =
    [
        (AlertStage.New, "COUNT to OWED.", "إحالات بانتظار OWED: COUNT."),
        (AlertStage.DueSoon, "COUNT to OWED: half of the time is over.", "إحالات بانتظار OWED: COUNT. مضى نصف الوقت."),
        (AlertStage.Overdue, "COUNT to OWED: the time is over.", "إحالات بانتظار OWED: COUNT. انتهى الوقت."),
        (AlertStage.Silent, "COUNT that the other side was to OWED: the time is over.", "إحالات بانتظار OWED من الطرف الآخر: COUNT. انتهى الوقت."),
        (AlertStage.FindAnother, "COUNT without an answer for long: another agency should be found.", "إحالات بلا جواب منذ وقت طويل: COUNT. ينبغي إيجاد جهة أخرى."),
        (AlertStage.CameBack, "COUNT came back.", "إحالات عادت: COUNT."),
        (AlertStage.Asked, "A coordinator asks about COUNT.", "إحالات يسأل عنها المنسّق: COUNT."),
        (AlertStage.HubUnreachable, "The hub has not answered for some time. Use the telephone list.", "لم يجب المركز منذ بعض الوقت. استخدموا قائمة الهاتف."),
    ];

    [Fact]
    public void No_notice_can_say_who_about_whom_or_where()
    {
        Assert.Equal(Enum.GetValues<ClockKind>(), Owed.Select(owed => owed.Clock));
        Assert.Equal(Enum.GetValues<AlertStage>(), Templates.Select(template => template.Stage));
        foreach (var (stage, clock, language, template) in All())
        {
            foreach (var count in new[] { 1, 17 })
            {
                var notice = new Notice { Id = Guid.CreateVersion7(), Audience = Audience.Lead, Stage = stage, Clock = clock, Person = Handle.Parse("bcdf2345"), Count = count, At = DateTimeOffset.UnixEpoch };
                using var mail = SendMail.Compose(
                    notice, ["lead@desk.example"], new(["desk@desk.example"], ["lead@desk.example"], Link, Language: language), new MailServer("mail.example", 465, MailSecurity.Tls, "gateway@desk.example"));

                var counted = language == TextLanguage.Ar ? $"{count}" : count == 1 ? "1 referral" : $"{count} referrals";
                var sentence = template.Replace("COUNT", counted, StringComparison.Ordinal);
                Assert.Equal($"ReferralHub: {sentence.TrimEnd('.')}", mail.Subject);
                Assert.Equal($"{sentence}\n\n{Link}\n", mail.TextBody!.ReplaceLineEndings("\n"));
                Assert.DoesNotContain("bcdf2345", mail.ToString(), StringComparison.Ordinal);
                Assert.All(Wording.ClassOf(stage, clock).Split('-'), word => Assert.True(IsCode(word), word));
            }
        }
    }

    [Fact]
    public void A_notice_has_no_place_for_content() =>
        Assert.Equal(
            ["Person: Handle", "LastError: String"],
            typeof(Notice).GetProperties().Where(p => p.PropertyType == typeof(string) || !(p.PropertyType.IsValueType || Nullable.GetUnderlyingType(p.PropertyType) is not null))
                .Select(p => $"{p.Name}: {p.PropertyType.Name}"));

    private static bool IsCode(string word) =>
        Enum.GetValues<AlertStage>().Select(s => Code.Text(s)).Concat(Enum.GetValues<ClockKind>().Select(c => Code.Text(c))).SelectMany(code => code.Split('-')).Contains(word);

    private static IEnumerable<(AlertStage Stage, ClockKind? Clock, TextLanguage Language, string Template)> All() =>
        from language in Enum.GetValues<TextLanguage>()
        from template in Templates
        let words = language == TextLanguage.Ar ? template.Ar : template.En
        from owed in words.Contains("OWED", StringComparison.Ordinal) ? Owed : [default]
        select (
            template.Stage,
            owed == default ? (ClockKind?)null : owed.Clock,
            language,
            words.Replace("OWED", language == TextLanguage.Ar ? owed.Ar : owed.En, StringComparison.Ordinal));
}
