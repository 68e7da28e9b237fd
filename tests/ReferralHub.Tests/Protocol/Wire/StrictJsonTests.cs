using System.Text;
using System.Text.Json;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Wire;

/// <summary>Each rule of docs/protocol.md §1.1 and §1.2, broken once.</summary>
public sealed class StrictJsonTests
{
    private const string Root = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData($$"""{"size":1,"root":"{{Root}}"}""")]
    [InlineData($$"""{"root":"{{Root}}","size":1}""")]
    [InlineData("{\n\"size\" : 1,\n\"root\":\"" + Root + "\"}\n")]
    public void A_head_is_read_in_any_order_and_with_any_line_feeds(string json) =>
        Assert.True(StrictJson.TryRead<TreeHead>(Encoding.ASCII.GetBytes(json), out _));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData($$"""{"size":1}""")]
    [InlineData($$"""{"size":1,"size":1,"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":1,"root":"{{Root}}","more":1}""")]
    [InlineData($$"""{"Size":1,"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":null,"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":1.0,"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":1e0,"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":-1,"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":"1","root":"{{Root}}"}""")]
    [InlineData($$"""{"size":9223372036854775808,"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":1,"root":"{{Root}}",}""")]
    [InlineData($$"""{"size":1,/**/"root":"{{Root}}"}""")]
    [InlineData($$"""{"size":1,"root":"{{Root}}"} {}""")]
    [InlineData($$"""{"s\u0069ze":1,"root":"{{Root}}"}""")]
    [InlineData("{\"size\":1,\r\"root\":\"" + Root + "\"}")]
    [InlineData("{\"size\":1,\t\"root\":\"" + Root + "\"}")]
    public void Another_form_is_refused(string json) =>
        Assert.False(StrictJson.TryRead<TreeHead>(Encoding.ASCII.GetBytes(json), out _));

    [Fact]
    public void A_payload_has_at_most_8_levels_and_a_member_of_an_envelope_16()
    {
        Assert.True(StrictJson.TryRead<Dictionary<string, JsonElement>>(Deep(8), out _));
        Assert.False(StrictJson.TryRead<Dictionary<string, JsonElement>>(Deep(9), out _));
        Assert.True(SealedJson.TryRead<Dictionary<string, JsonElement>>(Deep(16), out _));
        Assert.False(SealedJson.TryRead<Dictionary<string, JsonElement>>(Deep(17), out _));

        static byte[] Deep(int levels) => Encoding.ASCII.GetBytes($$"""{"a":{{new string('[', levels - 1)}}{{new string(']', levels - 1)}}}""");
    }

    [Fact]
    public void Bytes_outside_ASCII_are_refused() =>
        Assert.False(StrictJson.TryRead<Dictionary<string, string>>("{\"a\":\"é\"}"u8, out _));

    [Fact]
    public void Members_of_a_map_are_there_once_and_not_null()
    {
        Assert.True(StrictJson.TryRead<Dictionary<string, Digest>>(Encoding.ASCII.GetBytes($$"""{"a":"{{Root}}","b":"{{Root}}"}"""), out _));
        Assert.False(StrictJson.TryRead<Dictionary<string, Digest>>(Encoding.ASCII.GetBytes($$"""{"a":"{{Root}}","a":"{{Root}}"}"""), out _));
        Assert.False(StrictJson.TryRead<Dictionary<string, string>>("{\"a\":null}"u8, out _));
    }

    [Theory]
    [InlineData("2026-11-22T23:24:00Z", true)]
    [InlineData("2026-11-22T23:24:00.0Z", false)]
    [InlineData("2026-11-22T23:24:00+00:00", false)]
    [InlineData("2026-11-22t23:24:00z", false)]
    [InlineData("2026-11-22 23:24:00Z", false)]
    [InlineData("2026-02-30T00:00:00Z", false)]
    [InlineData("2026-11-22T23:24:60Z", false)]
    [InlineData(" 2026-11-22T23:24:00Z", false)]
    [InlineData(null, false)]
    public void Times_have_one_spelling(string? text, bool good)
    {
        Assert.Equal(good, WireTime.TryParse(text, out var time));
        if (good) Assert.Equal(text, WireTime.Text(time));
    }

    [Theory]
    [InlineData("0195a000-0000-7000-8000-000000000001", true)]
    [InlineData("0195A000-0000-7000-8000-000000000001", false)]
    [InlineData("0195a000-0000-4000-8000-000000000001", false)]
    [InlineData("0195a000-0000-7000-0000-000000000001", false)]
    [InlineData("0195a000-0000-7000-c000-000000000001", false)]
    [InlineData("0195a0000000700080000000000000001", false)]
    [InlineData("{0195a000-0000-7000-8000-000000000001}", false)]
    public void Ids_are_UUIDv7_in_lower_case(string text, bool good) => Assert.Equal(good, WireId.TryParse(text, out _));
}
