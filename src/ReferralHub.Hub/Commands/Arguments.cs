using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>Names and times out of a command line; what is none is named with its option and how it should be.</summary>
internal static class Arguments
{
    public static AgencyId Agency(string option, string text) =>
        AgencyId.TryParse(text, out var agency) ? agency : throw new SettingsException(option, text, "Give an agency's id: 2 to 40 of a-z 0-9 -.");

    public static Handle Handle(string option, string text) =>
        Protocol.Wire.Handle.TryParse(text, out var handle) ? handle : throw new SettingsException(option, text, "Give a handle: 4 to 26 of a-z 0-9.");

    public static Guid Id(string option, string text) =>
        WireId.TryParse(text, out var id) ? id : throw new SettingsException(option, text, "Give an id as the sender's gateway shows it.");

    public static DateTimeOffset? Time(string option, string? text) => text is null
        ? null
        : WireTime.TryParse(text, out var time) ? time : throw new SettingsException(option, text, "Give a time in UTC: 2026-11-22T23:24:00Z.");
}
