using ReferralHub.Gateway.Alerts;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Gateway.Alerts;

/// <summary>Every text by which a gateway tells people, mail and command: all words that can stand in one are here.</summary>
public sealed class NoticeTextTests
{
    private static readonly HashSet<string> Words =
    [
        .. ("referralhub referral referrals to acknowledge decide on answer say more about close erase or keep a ground review half of the time is over that other side was "
            + "without an for long another agency should be found came back coordinator asks hub has not answered some use telephone list").Split(' '),
    ];

    private static readonly AlertSettings Settings = new(["desk@desk.example"], ["lead@desk.example"], "https://gateway.example/");

    [Fact]
    public void No_notice_can_say_who_about_whom_or_where()
    {
        foreach (var (stage, clock) in All())
        {
            foreach (var count in new[] { 1, 17 })
            {
                var notice = new Notice { Id = Guid.CreateVersion7(), Audience = Audience.Lead, Stage = stage, Clock = clock, Person = Handle.Parse("bcdf2345"), Count = count, At = DateTimeOffset.UnixEpoch };
                using var mail = SendMail.Compose(
                    notice, ["lead@desk.example"], Settings, new MailServer("mail.example", 465, MailSecurity.Tls, "gateway@desk.example"));
                var text = $"{mail.Subject} {mail.TextBody!.Replace("https://gateway.example/", "", StringComparison.Ordinal)} {Wording.ClassOf(stage, clock).Replace('-', ' ')}";
                var words = text.Split([' ', '\r', '\n', '.', ',', ':'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.ToLowerInvariant());
                Assert.DoesNotContain(words, word => word != $"{count}" && !Words.Contains(word) && !IsCode(word));
                Assert.DoesNotContain("bcdf2345", mail.ToString(), StringComparison.Ordinal);
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

    // What is owed is named in the first four; the others are about none.
    private static IEnumerable<(AlertStage, ClockKind?)> All() =>
        from stage in Enum.GetValues<AlertStage>()
        let owed = stage is AlertStage.New or AlertStage.DueSoon or AlertStage.Overdue or AlertStage.Silent
        from clock in owed ? [.. Enum.GetValues<ClockKind>().Select(c => (ClockKind?)c)] : new ClockKind?[] { null }
        select (stage, clock);
}
