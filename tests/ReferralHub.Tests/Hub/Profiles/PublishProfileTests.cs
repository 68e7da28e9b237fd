using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReferralHub.Hub;
using ReferralHub.Hub.Directory;
using ReferralHub.Hub.Outbox;
using ReferralHub.Hub.Profiles;
using ReferralHub.Protocol.Clocks;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Statements;

namespace ReferralHub.Tests.Hub.Profiles;

/// <summary>What agencies say of themselves, at the hub (docs/protocol.md §3.9).</summary>
public sealed class PublishProfileTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_each_agency_the_newest_profile_and_capacity_are_shown()
    {
        await using var field = await TestField.Start();
        var first = New(field);
        await field.Receipt(first);
        await field.Receipt(Full(field));
        var second = first with { IssuedAt = field.In(TimeSpan.FromSeconds(1)), Telephone = Telephone.Parse("+96170000001") };
        await field.Receipt(second);

        var shown = (await Page(field, after: null)).ToDictionary(p => p.Agency, p => p.Statements.Select(s => Read(s)).ToList());

        Assert.Equal(["beacon", "harbour", "police-7"], shown.Keys);
        Assert.Empty(shown["beacon"]);
        Assert.Equal("+96170000001", ((Profile)shown["harbour"].Single(s => s is Profile)).Telephone.ToString());
        Assert.Equal(LiveCapacity.NoCapacity, ((Capacity)shown["harbour"].Single(s => s is Capacity)).Services[0].Capacity);
        Assert.Equal(["police-7"], (await Page(field, after: "harbour")).Select(p => p.Agency));
        Assert.Empty(await Page(field, after: "police-7"));
        Assert.Equal(second.Telephone, ((Profile)(await field.Use(db => ProfileLedger.Find(db, field.Shelter.Id, Ct)))!.Statement).Telephone);
        Assert.Null(await field.Use(db => ProfileLedger.Find(db, field.Police.Id, Ct)));
    }

    [Fact]
    public async Task What_is_older_or_as_old_never_takes_the_place_of_what_is_there()
    {
        await using var field = await TestField.Start();
        var held = New(field);
        await field.Receipt(held);

        await field.Refused(Refusal.NewerHeld, held with { Telephone = Telephone.Parse("+96170000001") });
        await field.Refused(Refusal.NewerHeld, held with { IssuedAt = field.In(TimeSpan.FromSeconds(-1)) });

        Assert.Equal(held.Telephone, ((Profile)(await field.Use(db => ProfileLedger.Find(db, field.Shelter.Id, Ct)))!.Statement).Telephone);
    }

    [Fact]
    public async Task The_same_again_gets_the_same_receipt()
    {
        await using var field = await TestField.Start();
        var signed = field.Shelter.Sign(await field.Heads(New(field)));

        var first = TestField.TokenOf(await field.Post(signed));

        Assert.Equal(first, TestField.TokenOf(await field.Post(signed)));
    }

    [Fact]
    public async Task Nobody_speaks_for_another()
    {
        await using var field = await TestField.Start();

        await field.Refused(Refusal.NotTheIssuer, field.Shelter.Sign(await field.Heads(New(field))), caller: field.Police.Id);
    }

    [Fact]
    public async Task A_change_of_capacity_is_told_to_nobody_who_does_not_ask()
    {
        await using var field = await TestField.Start();
        var before = await field.Use(db => db.Set<OutboxMessage>().CountAsync(Ct));

        await field.Receipt(New(field));
        await field.Receipt(Full(field));

        Assert.Equal(before, await field.Use(db => db.Set<OutboxMessage>().CountAsync(Ct)));
    }

    [Fact]
    public async Task Only_an_agency_has_a_place_in_the_order()
    {
        await using var field = await TestField.Start();

        Assert.IsType<ProblemHttpResult>(await field.Use(async db => (await ReadProfiles.Handle(db, field.Hub.Services.GetRequiredService<Agencies>(), Ct, "No Agency")).Result));
    }

    [Fact]
    public async Task Areas_that_no_policy_of_the_directory_names_are_refused()
    {
        await using var field = await TestField.Start();
        await field.Receipt(New(field));
        await field.Hub.AddPolicy("areal", [AreaCode.Parse("north-coast")]);

        await field.Refused(Refusal.AreaUnknown, New(field) with { IssuedAt = field.In(TimeSpan.FromSeconds(1)) });

        await field.Hub.AddPolicy("wider", [.. New(field).Services.SelectMany(s => s.Areas).Distinct()]);
        await field.Receipt(New(field) with { IssuedAt = field.In(TimeSpan.FromSeconds(1)) });
    }

    [Fact]
    public async Task Hours_in_a_zone_that_the_hub_cannot_count_in_are_refused()
    {
        await using var field = await TestField.Start();
        await field.Refused(Refusal.ZoneUnknown, New(field) with { Hours = WorkingHours.Default with { Zone = ZoneName.Parse("Nowhere/Atall") } });
    }

    internal static Profile New(TestField field) => new()
    {
        Issuer = field.Shelter.Id,
        IssuedAt = field.In(TimeSpan.Zero),
        Directory = new(0, default),
        AuditLog = new(0, default),
        Services = [ProfileTests.Safehouse],
        Hours = WorkingHours.Default,
        Telephone = Telephone.Parse("+96170000000"),
        By = Handle.Parse("wrk0001"),
    };

    internal static Capacity Full(TestField field) => new()
    {
        Issuer = field.Shelter.Id,
        IssuedAt = field.In(TimeSpan.Zero),
        Directory = new(0, default),
        AuditLog = new(0, default),
        Services = [new(HelpService.Safehouse, 1, LiveCapacity.NoCapacity)],
        By = Handle.Parse("wrk0001"),
    };

    private static Statement Read(string token)
    {
        Assert.True(SignedStatement.TryRead(token, out var signed));
        return signed.Statement;
    }

    private static Task<IReadOnlyList<Published>> Page(TestField field, string? after) => field.Use(async db =>
        Assert.IsType<Ok<PublishedPage>>((await ReadProfiles.Handle(db, field.Hub.Services.GetRequiredService<Agencies>(), Ct, after)).Result).Value!.Agencies);
}
