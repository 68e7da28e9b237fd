using System.Net.Sockets;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Commands;

/// <summary>Asks the running gateway over its Unix socket. Who may open the socket is whom the gateway obeys.</summary>
internal sealed class Local : IDisposable
{
    private readonly HttpClient _http;
    private readonly DataFolder _folder;

    public Local(DataFolder folder)
    {
        _folder = folder;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = Connect, UseProxy = false })
        {
            BaseAddress = new Uri("http://gateway/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>A query of one value, or none.</summary>
    public static string Query(string name, string? value) => value is null ? "" : $"?{name}={Uri.EscapeDataString(value)}";

    public Task<T> GetAsync<T>(string path, CancellationToken ct)
        where T : class => SendAsync<T>(HttpMethod.Get, path, null, ct);

    public Task<T> PostAsync<T>(string path, object body, CancellationToken ct)
        where T : class => SendAsync<T>(HttpMethod.Post, path, JsonContent.Create(body, body.GetType(), options: LocalJson.Options), ct);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, CancellationToken ct)
        where T : class
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await SendAsync(request, ct);
        return await response.Content.ReadFromJsonAsync<T>(LocalJson.Options, ct)
            ?? throw new InvalidDataException("The gateway answered with nothing.");
    }

    /// <summary>Writes what the gateway sends into a new file that only its owner may read, as it comes. The file is made first: what cannot be kept is not asked for.</summary>
    public async Task<long> DownloadAsync(string path, object body, string file, CancellationToken ct)
    {
        if (Path.Exists(file)) throw Cli.Malformed($"{file}: it is there already and stays as it is. Give another name.");
        await using var target = new FileStream(file, Private.NewFile());
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType(), options: LocalJson.Options) };
            using var response = await SendAsync(request, ct);
            await response.Content.CopyToAsync(target, ct);
            return target.Length;
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            throw new CommandException("not-running", $"--data {_folder.Root}: no gateway runs here. Start it: referral-gateway serve --data {_folder.Root}");
        }

        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            if (response.Content.Headers.ContentType?.MediaType == "application/json"
                && await response.Content.ReadFromJsonAsync<RefusalBody>(LocalJson.Options, ct) is { } body
                && Code.TryParse<Refusal>(body.Error, out var refusal))
            {
                throw new RefusedException(refusal, body.Message, body.Reasons);
            }

            throw new CommandException("broken", $"The gateway failed ({(int)response.StatusCode}); its log says why.");
        }
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_folder.Socket), ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
