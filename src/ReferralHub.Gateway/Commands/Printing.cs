using System.Text.Json;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Commands;

/// <summary>Shows content to a person, one field a line.</summary>
internal static class Printing
{
    /// <summary>Where a referral stands, in a word or two.</summary>
    public static string Standing(HandoffState state, bool withdrawing) => Code.Text(state) + (withdrawing ? " (withdrawal not confirmed)" : "");

    /// <summary>Who has it, for the end of a line.</summary>
    public static string Owner(Handle? owner) => owner is null ? "" : $"with {owner}  ";

    public static void Lines<T>(TextWriter to, T content)
        where T : notnull => Lines(to, JsonSerializer.SerializeToElement(content, content.GetType(), LocalJson.Options), "  ");

    public static void Lines(TextWriter to, JsonElement value, string prefix)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Lines(to, member.Value, $"{prefix}{(prefix.EndsWith(' ') ? "" : ".")}{member.Name}");
                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in value.EnumerateArray().Index()) Lines(to, item, $"{prefix}.{index + 1}");
                break;
            default:
                to.WriteLine($"{prefix}: {value}");
                break;
        }
    }
}
