using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Demo.Processes;
using ReferralHub.SystemTests.Load;

namespace ReferralHub.SystemTests.Embedded;

/// <summary>How the server begins and ends, as a process.</summary>
[Trait("group", "embedded")]
[Collection(nameof(SharedPair))]
public sealed class ServeTests(SharedPair shared)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_whose_folder_another_took_over_ends_with_an_error_that_says_so()
    {
        var pair = await shared.Meet(Ct);
        var locked = await Executable.Hub.Run(["serve", "--data", pair.Hub.Data], Ct);
        Assert.Equal(2, locked.ExitCode);
        Assert.Contains("Another server runs on this folder", locked.Error, StringComparison.Ordinal);

        // As on a file system that keeps no locks.
        File.Delete(Path.Combine(pair.Hub.Data, "serve.lock"));
        await using var second = Executable.Hub.Start(["serve", "--data", pair.Hub.Data, "--listen", "127.0.0.1:1"], pair.Hub.Log + ".2", pair.Hub.Temporary);
        await pair.Hub.Server.WaitForLine(line => line.StartsWith("Another process took over", StringComparison.Ordinal), Soon, Ct);

        var ended = await Assert.ThrowsAsync<ProcessFailedException>(pair.Hub.Server.Stop);
        Assert.Contains("exit code 1", ended.Message, StringComparison.Ordinal);
        await pair.Hub.Forget();
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named_with_what_to_do()
    {
        var pair = await shared.Meet(Ct);
        var taken = new Uri(pair.Hub.Url).Port;
        await pair.Hub.Server.Stop();
        await pair.Hub.Forget();
        using var other = new TcpListener(System.Net.IPAddress.Loopback, taken);
        other.Start();

        foreach (var address in new[] { $"127.0.0.1:{taken}", "203.0.113.1:7443" })
        {
            var refused = await Executable.Hub.Run(["serve", "--data", pair.Hub.Data, "--listen", address], Ct);
            Assert.Equal(2, refused.ExitCode);
            Assert.StartsWith($"--listen = '{address}': ", refused.Error, StringComparison.Ordinal);
            Assert.EndsWith("Choose another address or port.", refused.Error.TrimEnd(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_is_told_to_stop_ends_what_it_has_begun_and_leaves_nothing_waiting()
    {
        var pair = await shared.Meet(Ct);
        using var folder = new TemporaryFolder();
        var part = UploadTests.Seal(folder.File("part"), 1 << 20);
        var poll = pair.Recipient.Hub.GetFeedAsync(0, TimeSpan.FromSeconds(20), Ct);
        await using var file = new GatedStream(File.OpenRead(part.File));
        var upload = pair.Sender.Hub.UploadPartAsync(part.Sha256, file, Ct);
        await file.HalfRead.WaitAsync(Soon, Ct);
        var referral = await pair.Prepare(Ct);
        await pair.Sender.Hub.PostAsync(referral, Ct);

        var stop = pair.Hub.Server.Stop();
        await pair.Hub.Server.WaitForLine(line => line.Contains("shutting down", StringComparison.Ordinal), Soon, Ct);
        file.Open();

        await upload;
        await poll;
        await stop; // throws unless the exit code is 0
        await pair.Hub.Forget();
        var status = await pair.Hub.Ask(Ct, "log", "status");
        Assert.Equal(0, status.GetProperty("waiting").GetInt32());
        Assert.Empty(HubLogFile.Troubles(pair.Hub));
    }

    [Fact]
    public async Task An_upload_that_hardly_moves_is_ended_with_a_problem_and_holds_nothing()
    {
        var pair = await shared.Meet(Ct);
        using var folder = new TemporaryFolder();
        var part = UploadTests.Seal(folder.File("part"), 1 << 20);

        var answer = await Crawl(pair, part);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:referralhub:refusal:too-slow", answer, StringComparison.Ordinal);
        await using var file = File.OpenRead(part.File);
        await pair.Sender.Hub.UploadPartAsync(part.Sha256, file, Ct);
        Assert.Empty(HubLogFile.Troubles(pair.Hub));
    }

    // Ten bytes, and then nothing.
    private static async Task<string> Crawl(DirectPair pair, (string File, Digest Sha256) part)
    {
        var hub = new Uri(pair.Hub.Url);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(hub.Host, hub.Port, Ct);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = hub.Host,
                ClientCertificates = [pair.Sender.Certificate],
                RemoteCertificateValidationCallback = (_, sent, _, _) => sent is not null,
            },
            Ct);
        var head = $"PUT /v1/parts/{part.Sha256} HTTP/1.1\r\nHost: {hub.Authority}\r\nContent-Length: {new FileInfo(part.File).Length}\r\n\r\n";
        await using var file = File.OpenRead(part.File);
        var first = new byte[10];
        await file.ReadExactlyAsync(first, Ct);
        await tls.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. first], Ct);
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync(Ct).WaitAsync(Soon, Ct);
    }

    /// <summary>A file whose second half can be read once the gate is open.</summary>
    private sealed class GatedStream(FileStream file) : Stream
    {
        private readonly TaskCompletionSource _half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HalfRead => _half.Task;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => file.Length;

        public override long Position { get => file.Position; set => file.Position = value; }

        public void Open() => _gate.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (file.Position >= file.Length / 2)
            {
                _half.TrySetResult();
                await _gate.Task.WaitAsync(cancellationToken);
            }

            return await file.ReadAsync(buffer, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void Flush() => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
