using System.Diagnostics;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Vocabulary;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>The words of a notice: the same for all agencies, and nothing in them but a count and a class.</summary>
internal static class Wording
{
    /// <summary>The class as a command gets it and as mail filters can use it.</summary>
    public static string ClassOf(AlertStage stage, ClockKind? clock) =>
        clock is { } owed ? $"{Code.Text(owed)}-{Code.Text(stage)}" : Code.Text(stage);

    /// <summary>A sentence or two.</summary>
    public static string Sentence(TextLanguage language, int count, AlertStage stage, ClockKind? clock) => language switch
    {
        TextLanguage.En => English(count, stage, clock),
        TextLanguage.Ar => Arabic(count, stage, clock),
    };

    private static string English(int count, AlertStage stage, ClockKind? clock) => stage switch
    {
        AlertStage.New => $"{Referrals(count)} to {Verb(clock)}.",
        AlertStage.DueSoon => $"{Referrals(count)} to {Verb(clock)}: half of the time is over.",
        AlertStage.Overdue => $"{Referrals(count)} to {Verb(clock)}: the time is over.",
        AlertStage.Silent => $"{Referrals(count)} that the other side was to {Verb(clock)}: the time is over.",
        AlertStage.FindAnother => $"{Referrals(count)} without an answer for long: another agency should be found.",
        AlertStage.CameBack => $"{Referrals(count)} came back.",
        AlertStage.Asked => $"A coordinator asks about {Referrals(count)}.",
        AlertStage.HubUnreachable => "The hub has not answered for some time. Use the telephone list.",
    };

    // The count stands behind its noun, which so is the same for every number.
    private static string Arabic(int count, AlertStage stage, ClockKind? clock) => stage switch
    {
        AlertStage.New => $"إحالات بانتظار {Noun(clock)}: {count}.",
        AlertStage.DueSoon => $"إحالات بانتظار {Noun(clock)}: {count}. مضى نصف الوقت.",
        AlertStage.Overdue => $"إحالات بانتظار {Noun(clock)}: {count}. انتهى الوقت.",
        AlertStage.Silent => $"إحالات بانتظار {Noun(clock)} من الطرف الآخر: {count}. انتهى الوقت.",
        AlertStage.FindAnother => $"إحالات بلا جواب منذ وقت طويل: {count}. ينبغي إيجاد جهة أخرى.",
        AlertStage.CameBack => $"إحالات عادت: {count}.",
        AlertStage.Asked => $"إحالات يسأل عنها المنسّق: {count}.",
        AlertStage.HubUnreachable => "لم يجب المركز منذ بعض الوقت. استخدموا قائمة الهاتف.",
    };

    private static string Referrals(int count) => count == 1 ? "1 referral" : $"{count} referrals";

    private static string Verb(ClockKind? clock) => clock switch
    {
        ClockKind.Acknowledge => "acknowledge",
        ClockKind.Decide => "decide on",
        ClockKind.Answer => "answer",
        ClockKind.Update => "say more about",
        ClockKind.Close => "close",
        ClockKind.Erase => "erase or keep on a ground",
        ClockKind.Review => "review",
        null => throw new UnreachableException("A clock is named wherever there is one."),
    };

    private static string Noun(ClockKind? clock) => clock switch
    {
        ClockKind.Acknowledge => "تأكيد الاستلام",
        ClockKind.Decide => "القرار",
        ClockKind.Answer => "الجواب",
        ClockKind.Update => "إفادة جديدة",
        ClockKind.Close => "الإغلاق",
        ClockKind.Erase => "المحو أو الإبقاء بسبب",
        ClockKind.Review => "المراجعة",
        null => throw new UnreachableException("A clock is named wherever there is one."),
    };
}
