using System.Text.Json;
using System.Text.Json.Serialization;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway;

/// <summary>JSON between the gateway and its own commands, and what commands print: protocol values as on the wire, any text.</summary>
internal static class LocalJson
{
    public static JsonSerializerOptions Options { get; } = Make(indented: false);

    public static JsonSerializerOptions Printed { get; } = Make(indented: true);

    private static JsonSerializerOptions Make(bool indented)
    {
        var options = new JsonSerializerOptions(StrictJson.Options)
        {
            MaxDepth = 20, // forms are as deep as SealedJson allows, and stand inside an answer
            WriteIndented = indented,
            DefaultIgnoreCondition = JsonIgnoreCondition.Never, // a command requires every member of an answer
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
