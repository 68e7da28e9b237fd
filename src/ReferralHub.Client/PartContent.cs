using System.Net;

namespace ReferralHub.Client;

/// <summary>The rest of a sealed part as a request body. Reads the file as it goes; keeps one buffer.</summary>
internal sealed class PartContent(Stream file, long offset, long size) : HttpContent
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Told of every buffer that went out.</summary>
    public Watch? Watch { get; set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        file.Position = offset;
        var buffer = new byte[BufferSize];
        while (await file.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            Watch?.Kick();
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = size - offset;
        return true;
    }
}
