using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Text;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Alerts;

/// <summary>A notice as a mail: a count, a class and a link.</summary>
internal static class SendMail
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Hands it to the mail server. The Message-ID is the notice's, so that a second copy after a crash is known to be one.
    /// </summary>
    public static async Task RunAsync(Notice notice, IReadOnlyList<string> to, AlertSettings settings, MailServer server, CancellationToken ct)
    {
        using var message = Compose(notice, to, settings, server);
        using var ca = server.CaFile is null ? null : X509CertificateLoader.LoadCertificateFromFile(server.CaFile);
        using var client = new SmtpClient { Timeout = (int)Time.TotalMilliseconds, CheckCertificateRevocation = false };
        if (ca is not null) client.ServerCertificateValidationCallback = (_, certificate, _, errors) => ComesFrom(ca, certificate, errors);
        await client.ConnectAsync(server.Host, server.Port, SecurityOf(server.Security), ct);
        if (server.User is not null)
            await client.AuthenticateAsync(server.User, (await File.ReadAllTextAsync(server.PasswordFile!, ct)).TrimEnd('\r', '\n'), ct);
        await client.SendAsync(message, ct);
        await client.DisconnectAsync(quit: true, ct);
    }

    /// <summary>The whole mail. Pure.</summary>
    internal static MimeMessage Compose(Notice notice, IReadOnlyList<string> to, AlertSettings settings, MailServer server)
    {
        var sentence = Wording.Sentence(settings.Language, notice.Count, notice.Stage, notice.Clock);
        var message = new MimeMessage
        {
            Subject = $"ReferralHub: {sentence.TrimEnd('.')}",
            Date = notice.At,
            MessageId = $"{WireId.Text(notice.Id)}@referralhub.invalid",
            Body = new TextPart(TextFormat.Plain) { Text = $"{sentence}\n\n{settings.Link}\n" },
        };
        message.From.Add(MailboxAddress.Parse(server.From));
        foreach (var address in to) message.To.Add(MailboxAddress.Parse(address));
        // Nobody's holiday answers to a machine.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        if (notice.Stage is AlertStage.Overdue or AlertStage.FindAnother or AlertStage.HubUnreachable) message.Priority = MessagePriority.Urgent;
        return message;
    }

    private static SecureSocketOptions SecurityOf(MailSecurity security) => security switch
    {
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        MailSecurity.None => SecureSocketOptions.None,
    };

    private static bool ComesFrom(X509Certificate2 ca, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        return chain.Build(shown);
    }
}
