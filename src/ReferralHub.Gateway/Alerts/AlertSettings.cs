using System.Net;
using System.Text.Json;
using MimeKit;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Vocabulary;

namespace ReferralHub.Gateway.Alerts;

/// <summary>How a mail server is spoken to.</summary>
internal enum MailSecurity
{
    /// <summary>TLS from the first byte on.</summary>
    Tls,

    /// <summary>STARTTLS, which the server must offer.</summary>
    StartTls,

    /// <summary>In clear, to this machine's own server only.</summary>
    None,
}

/// <summary>The mail server.</summary>
/// <param name="Host">Its name; that of its certificate.</param>
/// <param name="Port">Its port.</param>
/// <param name="Security">How it is spoken to.</param>
/// <param name="From">Who the mails are from.</param>
/// <param name="User">Who signs in; null for a server that asks nobody.</param>
/// <param name="PasswordFile">A file with that user's password and nothing else.</param>
/// <param name="CaFile">A PEM file with the one CA that its certificate must come from; null for those that this machine trusts.</param>
internal sealed record MailServer(
    string Host, int Port, MailSecurity Security, string From, string? User = null, string? PasswordFile = null, string? CaFile = null);

/// <summary>How people are told who are not looking: <c>alerts.json</c> in the data folder.</summary>
/// <param name="DutyDesk">Addresses of the duty desk.</param>
/// <param name="Lead">Addresses of the lead.</param>
/// <param name="Link">Where they look, said in each mail: the address of the pages or the words of a command.</param>
/// <param name="Mail">The mail server; null for no mail.</param>
/// <param name="Command">A program and its arguments, which gets audience, class and count after them; null for none.</param>
/// <param name="HubSilentSeconds">After how many seconds without the hub the duty desk is told.</param>
/// <param name="Language">What the mails are written in.</param>
internal sealed record AlertSettings(
    IReadOnlyList<string> DutyDesk,
    IReadOnlyList<string> Lead,
    string Link,
    MailServer? Mail = null,
    IReadOnlyList<string>? Command = null,
    int HubSilentSeconds = 600,
    TextLanguage Language = TextLanguage.En)
{
    /// <summary>Reads the settings; null when there are none.</summary>
    /// <exception cref="CommandException">They are not of their form; names the setting, its value and the fix.</exception>
    public static AlertSettings? Read(DataFolder folder)
    {
        if (!File.Exists(folder.AlertSettings)) return null;
        try
        {
            var settings = JsonSerializer.Deserialize<AlertSettings>(File.ReadAllBytes(folder.AlertSettings), LocalJson.Options)
                ?? throw new JsonException("null");
            return settings.Fault() is { } fault ? throw Wrong(folder, fault) : settings;
        }
        catch (JsonException e)
        {
            throw Wrong(folder, $"not of its form ({e.Message})");
        }
    }

    private static CommandException Wrong(DataFolder folder, string fault) => Cli.Malformed($"{folder.AlertSettings}: {fault}");

    private string? Fault()
    {
        if (Mail is null && Command is null) return "neither mail nor command: nobody would be told. Set one, or delete the file.";
        if (Command is { Count: 0 }) return "command is empty: give a program and its arguments.";
        if (HubSilentSeconds is < 1 or > 86_400) return $"hubSilentSeconds {HubSilentSeconds}: give 1 to 86400.";
        if (string.IsNullOrWhiteSpace(Link) || Link.Any(char.IsControl)) return "link is empty: give one line that says where to look.";
        if (Mail is null) return null;
        if (DutyDesk.Count == 0 || Lead.Count == 0) return "dutyDesk or lead is empty: give each at least one address.";
        if (DutyDesk.Concat(Lead).Append(Mail.From).FirstOrDefault(address => !MailboxAddress.TryParse(address, out var box) || box.Domain.Length == 0) is { } address)
            return $"{address}: not a mail address.";
        if (Mail.Port is < 1 or > 65_535) return $"mail.port {Mail.Port}: give 1 to 65535.";
        if ((Mail.User is null) != (Mail.PasswordFile is null)) return "mail.user and mail.passwordFile go together.";
        if (Mail.Security == MailSecurity.None && !(IPAddress.TryParse(Mail.Host, out var ip) && IPAddress.IsLoopback(ip)))
            return $"mail.security none: only to this machine, as in 127.0.0.1, and not to {Mail.Host}. Set tls or start-tls.";
        foreach (var file in new[] { Mail.PasswordFile, Mail.CaFile })
        {
            if (file is not null && !File.Exists(file)) return $"{file}: no such file.";
        }

        return null;
    }
}
