using System.Text.Json;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>How one person is told. Kept sealed to ourselves.</summary>
/// <param name="Mail">A mail address that nobody else reads; null for none.</param>
/// <param name="Telephone">A number that the command is given; null for none.</param>
internal sealed record Contact(string? Mail, Telephone? Telephone)
{
    /// <summary>How a person is told; null when by nothing.</summary>
    public static Contact? Of(Person person, OwnAgency own) =>
        person.SealedContact is { } kept ? JsonSerializer.Deserialize<Contact>(SelfSealed.Open(own.Keys, kept), LocalJson.Options) : null;

    public byte[]? Seal(OwnAgency own) =>
        this is { Mail: null, Telephone: null } ? null : SelfSealed.Seal(own.Keys, JsonSerializer.SerializeToUtf8Bytes(this, LocalJson.Options));

    /// <summary>Whether the settings have a way to tell this person.</summary>
    public bool IsReached(AlertSettings settings) => (Mail is not null && settings.Mail is not null) || (Telephone is not null && settings.Command is not null);

    /// <summary>Says nothing of the person.</summary>
    public override string ToString() => nameof(Contact);
}
