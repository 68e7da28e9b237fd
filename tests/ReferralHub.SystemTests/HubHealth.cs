using ReferralHub.Demo;

namespace ReferralHub.SystemTests;

/// <summary>What anybody is told who asks whether a hub is ready.</summary>
internal static class HubHealth
{
    public const string Ready = "ready";
    public const string NotReady = "not ready";

    public static async Task<string> Ask(HubNode hub, CancellationToken ct)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync(new Uri(new Uri(hub.Url), "health/ready"), ct);
        return (await answer.Content.ReadAsStringAsync(ct)).TrimEnd();
    }
}
