using ReferralHub.Protocol.Handoffs;

namespace ReferralHub.Tests.Protocol.Handoffs;

/// <summary>
/// docs/protocol.md §3.4 written out a second time, cell by cell: an independent model of the product's function. A row is an
/// act and whose it is, a column a state; a cell is the state after it, with <c>!</c> while a withdrawal is unconfirmed.
/// </summary>
internal static class HandoffTable
{
    private const string Plain =
        """
                                Se  De  Ud  Ak  Ir  Ac  Dc  Ip  Oh  Co  Fa  Lc  Wd  Ee  Ex  Hb
        Delivered            R  De  .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
        Undeliverable        R  Ud  .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
        Acknowledged         R  .   Ak  .   .   .   .   .   .   .   .   .   .   .   .   .   .
        InformationRequested R  .   .   .   Ir  .   .   .   .   .   .   .   .   .   .   .   .
        InformationProvided  S  .   .   .   .   Ak  .   .   .   .   .   .   .   .   .   .   .
        Accepted             R  .   .   .   Ac  Ac  .   .   .   .   .   .   .   .   .   .   .
        Declined             R  .   .   .   Dc  Dc  .   .   .   .   .   .   .   .   .   .   .
        InProgress           R  .   .   .   .   .   Ip  .   .   Ip  .   .   .   .   .   .   .
        OnHold               R  .   .   .   .   .   Oh  .   Oh  .   .   .   .   .   .   .   .
        Completed            R  .   .   .   .   .   Co  .   Co  Co  .   .   .   .   .   .   .
        Failed               R  .   .   .   .   .   Fa  .   Fa  Fa  .   .   .   .   .   .   .
        LoopClosed           S  .   .   .   .   .   .   .   .   .   Lc  Lc  .   .   .   .   .
        Withdrawn            S  Wd  De! .   Ak! Ir! Ac! .   Ip! Oh! .   .   .   .   .   .   .
        CancelConfirmed      R  .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
        EnteredInError       S  Ee  Ee  .   Ee  Ee  Ee  .   Ee  Ee  Ee  Ee  .   .   .   .   .
        Expired              H  Ex  Ex  .   Ex  Ex  .   .   .   .   .   .   .   .   .   .   .
        HandedBack           H  Hb  Hb  .   Hb  Hb  Hb  .   Hb  Hb  .   .   .   .   .   .   .
        InterimNote          R  .   .   .   .   .   Ac  .   Ip  Oh  .   .   .   .   .   .   .
        Appointment          R  .   .   .   .   .   Ac  .   Ip  Oh  .   .   .   .   .   .   .
        NoShow               R  .   .   .   .   .   Ac  .   Ip  Oh  .   .   .   .   .   .   .
        ContentMismatch      R  .   De  .   Ak  Ir  Ac  .   Ip  Oh  .   .   .   .   .   .   .
        UrgencyChanged       S  Se  De  .   Ak  Ir  Ac  .   Ip  Oh  .   .   .   .   .   .   .
        """;

    private const string Withdrawing =
        """
                                De! Ak! Ir! Ac! Ip! Oh!
        Delivered            R  .   .   .   .   .   .
        Undeliverable        R  .   .   .   .   .   .
        Acknowledged         R  Ak! .   .   .   .   .
        InformationRequested R  .   .   .   .   .   .
        InformationProvided  S  .   .   .   .   .   .
        Accepted             R  .   .   .   .   .   .
        Declined             R  .   Dc  Dc  .   .   .
        InProgress           R  .   .   .   Ip! .   Ip!
        OnHold               R  .   .   .   Oh! Oh! .
        Completed            R  .   .   .   Co  Co  Co
        Failed               R  .   .   .   Fa  Fa  Fa
        LoopClosed           S  .   .   .   .   .   .
        Withdrawn            S  .   .   .   .   .   .
        CancelConfirmed      R  Wd  Wd  Wd  Wd  Wd  Wd
        EnteredInError       S  Ee  Ee  Ee  Ee  Ee  Ee
        Expired              H  Ex  Ex  Ex  .   .   .
        HandedBack           H  Hb  Hb  Hb  Hb  Hb  Hb
        InterimNote          R  .   .   .   Ac! Ip! Oh!
        Appointment          R  .   .   .   Ac! Ip! Oh!
        NoShow               R  .   .   .   Ac! Ip! Oh!
        ContentMismatch      R  De! Ak! Ir! Ac! Ip! Oh!
        UrgencyChanged       S  De! Ak! Ir! Ac! Ip! Oh!
        """;

    private static readonly Dictionary<string, HandoffState> States = new()
    {
        ["Se"] = HandoffState.Sent,
        ["De"] = HandoffState.Delivered,
        ["Ud"] = HandoffState.Undeliverable,
        ["Ak"] = HandoffState.Acknowledged,
        ["Ir"] = HandoffState.InformationRequested,
        ["Ac"] = HandoffState.Accepted,
        ["Dc"] = HandoffState.Declined,
        ["Ip"] = HandoffState.InProgress,
        ["Oh"] = HandoffState.OnHold,
        ["Co"] = HandoffState.Completed,
        ["Fa"] = HandoffState.Failed,
        ["Lc"] = HandoffState.LoopClosed,
        ["Wd"] = HandoffState.Withdrawn,
        ["Ee"] = HandoffState.EnteredInError,
        ["Ex"] = HandoffState.Expired,
        ["Hb"] = HandoffState.HandedBack,
    };

    /// <summary>Whose act each is.</summary>
    public static IReadOnlyDictionary<HandoffAct, Party> Actors { get; } = Rows(Plain).ToDictionary(
        row => Enum.Parse<HandoffAct>(row[0]),
        row => row[1] switch
        {
            "S" => Party.Sender,
            "R" => Party.Recipient,
            _ => Party.Hub,
        });

    /// <summary>Every cell: where an act of its party leads from where, or null.</summary>
    public static IReadOnlyDictionary<(HandoffPosition From, HandoffAct Act), HandoffPosition?> Cells { get; } =
        Read(Plain).Concat(Read(Withdrawing)).ToDictionary(cell => (cell.From, cell.Act), cell => cell.To);

    /// <summary>Every position that can be reached.</summary>
    public static IReadOnlyList<HandoffPosition> Positions { get; } = [.. Cells.Keys.Select(cell => cell.From).Distinct()];

    /// <summary>The acts that set no state, listed again.</summary>
    public static IReadOnlyList<HandoffAct> Events { get; } =
        [HandoffAct.InterimNote, HandoffAct.Appointment, HandoffAct.NoShow, HandoffAct.ContentMismatch, HandoffAct.UrgencyChanged];

    private static IEnumerable<(HandoffPosition From, HandoffAct Act, HandoffPosition? To)> Read(string table)
    {
        var heads = Words(table.Split('\n')[0]);
        foreach (var row in Rows(table))
        {
            Assert.Equal(heads.Length, row.Length - 2);
            for (var i = 0; i < heads.Length; i++)
                yield return (Position(heads[i]), Enum.Parse<HandoffAct>(row[0]), row[i + 2] == "." ? null : Position(row[i + 2]));
        }
    }

    private static IEnumerable<string[]> Rows(string table) => table.Split('\n').Skip(1).Select(Words);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static HandoffPosition Position(string word) => new(States[word.TrimEnd('!')], word.EndsWith('!'));
}
