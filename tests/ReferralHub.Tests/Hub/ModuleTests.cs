using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using ReferralHub.Hub;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace ReferralHub.Tests.Hub;

/// <summary>Which module of the hub may use which: the whole rule is this table.</summary>
public sealed class ModuleTests
{
    private static readonly ArchUnitNET.Domain.Architecture Hub =
        new ArchLoader().LoadAssemblies(typeof(HubDb).Assembly).Build();

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Log"] = [],
        ["Outbox"] = [],
        ["Audit"] = ["Log"],
        ["Directory"] = ["Log", "Audit"],
        ["Identity"] = ["Directory", "Audit"],
        ["Parts"] = ["Log", "Audit"],
        ["Statements"] = ["Log", "Outbox", "Audit", "Directory"],
        ["Profiles"] = ["Audit", "Directory", "Statements"],
        ["Consents"] = ["Audit", "Directory", "Statements"],
        ["Clocks"] = ["Log", "Audit", "Directory", "Statements", "Consents", "Profiles"],
        ["Referrals"] = ["Clocks", "Log", "Audit", "Directory", "Parts", "Statements", "Consents", "Profiles"],
        ["Erasing"] = ["Referrals", "Clocks", "Log", "Outbox", "Audit", "Directory", "Parts", "Statements", "Consents", "Profiles"],
        ["Restoring"] = ["Referrals", "Log", "Audit", "Directory", "Identity", "Parts", "Statements", "Consents", "Profiles"],
        ["Notifications"] = ["Outbox", "Audit", "Statements"],
        ["Metrics"] = ["Outbox", "Audit", "Clocks", "Parts", "Referrals"],
    };

    public static TheoryData<string, string> Forbidden =>
        new(from user in MayUse.Keys
            from used in MayUse.Keys
            where user != used && !MayUse[user].Contains(used)
            select (user, used));

    [Theory, MemberData(nameof(Forbidden))]
    public void Module_stays_out_of(string user, string used) =>
        Types().That().ResideInNamespace($"ReferralHub.Hub.{user}")
            .Should().NotDependOnAny(Types().That().ResideInNamespace($"ReferralHub.Hub.{used}"))
            .Check(Hub);

    [Fact]
    public void Every_module_is_in_the_table() =>
        Assert.Empty(typeof(HubDb).Assembly.GetTypes()
            .Select(type => type.Namespace?.Split('.'))
            .Where(name => name is ["ReferralHub", "Hub", not ("Commands" or "Migrations"), ..])
            .Select(name => name![2])
            .Except(MayUse.Keys));
}
