using System.CommandLine;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub health</c>: asks the server of this folder whether it can accept something, as container engines do. It reads no key.</summary>
internal static class AskHealth
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Option<string?> At = new("--at") { Description = "HOST:PORT where it listens, when that is not localhost and the port of --url" };

    public static Command Make() => new Command("health", "Ask the running server whether it is ready") { At }.Does((parse, ct) =>
        Run(new(parse.GetValue(Shell.Data)!), parse.GetValue(At), ct));

    private static async Task<Answer> Run(DataFolder data, string? at, CancellationToken ct)
    {
        var settings = data.ReadSettings();
        at ??= $"localhost:{new Uri(settings.Url).Port}";
        if (!Uri.TryCreate($"https://{at}/health/ready", UriKind.Absolute, out var url) || url.Authority != at)
            throw new SettingsException("--at", at, "Give HOST:PORT, as in localhost:7443.");

        var authorities = ServerSettings.ReadAuthorities("--data", data.CaCertificate);
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, errors) => IsOurs(server, errors, authorities);
        using var http = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(url, ct);
            var said = (await answer.Content.ReadAsStringAsync(ct)).TrimEnd();
            return new(new { ready = answer.IsSuccessStatusCode, said }, said, answer.IsSuccessStatusCode ? 0 : Shell.Broken);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new(new { ready = false, said = e.Message }, $"nothing of this hub's answers at {at}: {e.Message}", Shell.Broken);
        }
    }

    private static bool IsOurs(X509Certificate? server, SslPolicyErrors errors, X509Certificate2Collection authorities) =>
        server is X509Certificate2 certificate
            && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
            && ServerSettings.IsIssuedBy(certificate, authorities);
}
