using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit.Security;
using ReferralHub.Demo.Mail;
using ReferralHub.Gateway.Alerts;
using ReferralHub.Protocol.Clocks;

namespace ReferralHub.Tests.Gateway.Alerts;

/// <summary>Mails as a real server on this machine takes them, by TLS, and what stands in its mailboxes.</summary>
public sealed class MailTests : IDisposable
{
    private const string Desk = "desk@shelter.example", Lead = "lead@shelter.example", Password = "correct horse";

    private readonly string _folder = Directory.CreateTempSubdirectory("rh-").FullName;
    private readonly ECDsa _caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _ca;
    private readonly X509Certificate2 _certificate;

    public MailTests()
    {
        var now = TimeProvider.System.GetUtcNow();
        var request = new CertificateRequest("CN=mail CA", _caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _ca = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(CaFile, _ca.ExportCertificatePem());
        File.WriteAllText(PasswordFile, Password + "\n");

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        server.CertificateExtensions.Add(names.Build());
        using var bare = server.Create(_ca, now.AddDays(-1), now.AddDays(1), [1]);
        _certificate = bare.CopyWithPrivateKey(key);
    }

    private string CaFile => Path.Combine(_folder, "ca.pem");

    private string PasswordFile => Path.Combine(_folder, "password");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_notice_reaches_a_mailbox_by_TLS_and_with_credentials_from_a_file(bool fromTheFirstByte)
    {
        var security = fromTheFirstByte ? MailSecurity.Tls : MailSecurity.StartTls;
        await using var room = await Mailroom.OpenAsync(_folder, _certificate, fromTheFirstByte, ("gateway", Password));
        var server = new MailServer("localhost", room.Port, security, "gateway@shelter.example", "gateway", PasswordFile, CaFile);
        var notice = NewNotice(Audience.DutyDesk);

        await SendMail.RunAsync(notice, [Desk], Settings(server), server, Ct);

        var mail = Assert.Single(room.Mails(Desk));
        Assert.Empty(room.Mails(Lead));
        Assert.Contains($"Message-Id: <{notice.Id:D}@referralhub.invalid>", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("2 referrals to acknowledge: the time is over.", mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_the_named_CA_does_not_vouch_for_gets_nothing()
    {
        await using var room = await Mailroom.OpenAsync(_folder, _certificate, implicitTls: true);
        var others = Path.Combine(_folder, "others.pem");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var ca = new CertificateRequest("CN=mail CA", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        await File.WriteAllTextAsync(others, ca.ExportCertificatePem(), Ct);

        foreach (var file in new[] { others, null })
        {
            var server = new MailServer("localhost", room.Port, MailSecurity.Tls, "gateway@shelter.example", CaFile: file);
            await Assert.ThrowsAsync<SslHandshakeException>(() => SendMail.RunAsync(NewNotice(Audience.Lead), [Lead], Settings(server), server, Ct));
        }

        Assert.Empty(room.Mails(Lead));
    }

    [Fact]
    public async Task A_server_under_another_name_gets_nothing()
    {
        await using var room = await Mailroom.OpenAsync(_folder, _certificate, implicitTls: true);
        var server = new MailServer("127.0.0.1", room.Port, MailSecurity.Tls, "gateway@shelter.example", CaFile: CaFile);
        await Assert.ThrowsAsync<SslHandshakeException>(() => SendMail.RunAsync(NewNotice(Audience.Lead), [Lead], Settings(server), server, Ct));
    }

    [Fact]
    public async Task A_server_that_offers_no_TLS_gets_neither_password_nor_mail()
    {
        await using var room = await Mailroom.OpenAsync(_folder);
        var server = new MailServer("localhost", room.Port, MailSecurity.StartTls, "gateway@shelter.example", "gateway", PasswordFile, CaFile);
        await Assert.ThrowsAsync<NotSupportedException>(() => SendMail.RunAsync(NewNotice(Audience.Lead), [Lead], Settings(server), server, Ct));
        Assert.Empty(room.Mails(Lead));
    }

    [Fact]
    public async Task A_wrong_password_is_an_error()
    {
        await using var room = await Mailroom.OpenAsync(_folder, _certificate, implicitTls: true, ("gateway", "another"));
        var server = new MailServer("localhost", room.Port, MailSecurity.Tls, "gateway@shelter.example", "gateway", PasswordFile, CaFile);
        await Assert.ThrowsAsync<AuthenticationException>(() => SendMail.RunAsync(NewNotice(Audience.Lead), [Lead], Settings(server), server, Ct));
    }

    public static TheoryData<string> EveryClass =>
    [
        .. from stage in Enum.GetValues<AlertStage>()
           from clock in stage is AlertStage.CameBack or AlertStage.Asked or AlertStage.HubUnreachable ? [(ClockKind?)null] : Enum.GetValues<ClockKind>().Cast<ClockKind?>()
           select $"{stage} {clock}",
    ];

    [Theory, MemberData(nameof(EveryClass))]
    public void A_mail_has_a_count_a_class_and_a_link_and_nothing_else(string named)
    {
        var parts = named.Split(' ');
        var notice = new Notice
        {
            Id = Guid.Parse("0195a000-0000-7000-8000-000000000001"),
            Audience = Audience.DutyDesk,
            Stage = Enum.Parse<AlertStage>(parts[0]),
            Clock = parts[1].Length == 0 ? null : Enum.Parse<ClockKind>(parts[1]),
            Count = 7,
            At = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero),
        };
        var server = new MailServer("localhost", 25, MailSecurity.Tls, "gateway@shelter.example");

        using var message = SendMail.Compose(notice, [Desk], Settings(server), server);

        Assert.Equal(
            ["Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Priority", "Subject", "To"],
            message.Headers.Select(h => h.Field).Append("Priority").Concat(message.Body!.Headers.Select(h => h.Field)).Distinct().Order(StringComparer.OrdinalIgnoreCase));
        Assert.EndsWith("https://gateway.example/", message.TextBody!.TrimEnd(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _ca.Dispose();
        _caKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static AlertSettings Settings(MailServer server) => new([Desk], [Lead], "https://gateway.example/", server);

    private static Notice NewNotice(Audience audience) => new()
    {
        Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        Audience = audience,
        Stage = AlertStage.Overdue,
        Clock = ClockKind.Acknowledge,
        Count = 2,
        At = TimeProvider.System.GetUtcNow(),
    };
}
