using System.Collections.Concurrent;
using System.Security.Cryptography;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using ReferralHub.Benchmarks.Handoffs;

namespace ReferralHub.Benchmarks.Mail;

/// <summary>
/// What agencies do today: one mail per act, signed and encrypted with GnuPG, through Postfix to the other's Maildir, opened and verified
/// there. Nobody checks a consent, acknowledges receipt or keeps a log.
/// </summary>
internal sealed class MailRun : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    private readonly MailServer _server;
    private readonly Gpg _police;
    private readonly Gpg _shelter;
    private readonly ConcurrentBag<int> _desks = [.. Enumerable.Range(0, HandoffRun.AtOnce)];

    private MailRun(MailServer server, Gpg police, Gpg shelter) => (_server, _police, _shelter) = (server, police, shelter);

    public static async Task<MailRun> Make(string folder)
    {
        var desks = Enumerable.Range(0, HandoffRun.AtOnce).SelectMany(desk => new[] { Police(desk), Shelter(desk) });
        var run = new MailRun(new(folder, desks), new(Path.Combine(folder, "p"), "police"), new(Path.Combine(folder, "s"), "shelter"));
        await run._server.Make();
        await run._police.Make();
        await run._shelter.Make();
        await run._police.Meet(run._shelter);
        await run._shelter.Meet(run._police);
        return run;
    }

    /// <summary>Tells so many handoffs.</summary>
    public Task Run(int count) => Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = HandoffRun.AtOnce }, async (_, ct) =>
    {
        if (!_desks.TryTake(out var desk)) throw new InvalidOperationException("There is a desk for each handoff at once.");
        using var smtp = new SmtpClient();
        await smtp.ConnectAsync("127.0.0.1", _server.Port, SecureSocketOptions.None, ct);
        await Write(smtp, desk, toShelter: true, 2 * 16 * 1024); // the referral with its two parts
        await Write(smtp, desk, toShelter: false, 0); // delivered
        await Write(smtp, desk, toShelter: false, 0); // acknowledged
        await Write(smtp, desk, toShelter: false, 0); // accepted
        await Write(smtp, desk, toShelter: false, 0); // in progress
        await Write(smtp, desk, toShelter: false, 16 * 1024); // completed, with a note
        await Write(smtp, desk, toShelter: true, 0); // the loop is closed
        await smtp.DisconnectAsync(quit: true, ct);
        _desks.Add(desk);
    });

    public async ValueTask DisposeAsync()
    {
        await _police.DisposeAsync();
        await _shelter.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static string Police(int desk) => $"police-{desk}";

    private static string Shelter(int desk) => $"shelter-{desk}";

    // As long as the statement that the hub would get, and what comes with it.
    private async Task Write(SmtpClient smtp, int desk, bool toShelter, int attached)
    {
        var (writer, reader) = toShelter ? (_police, _shelter) : (_shelter, _police);
        var (from, to) = toShelter ? (Police(desk), Shelter(desk)) : (Shelter(desk), Police(desk));
        var said = RandomNumberGenerator.GetBytes(1024 + attached);
        using var mail = new MimeMessage(
            [new MailboxAddress(from, $"{from}@{MailServer.Domain}")],
            [new MailboxAddress(to, $"{to}@{MailServer.Domain}")],
            "SYNTHETIC",
            new TextPart("plain") { Text = System.Text.Encoding.ASCII.GetString(await writer.SignAndEncrypt(reader, said)) });
        await smtp.SendAsync(mail);

        var file = await Arrived(_server.NewOf(to));
        using var read = await MimeMessage.LoadAsync(file);
        if (!(await reader.DecryptAndVerify(System.Text.Encoding.ASCII.GetBytes(read.TextBody ?? ""))).AsSpan().SequenceEqual(said))
            throw new InvalidOperationException("The mail says something else.");
        File.Delete(file);
    }

    private static async Task<string> Arrived(string folder)
    {
        while (true)
        {
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder).FirstOrDefault() is { } file) return file;
            await Task.Delay(Poll);
        }
    }
}
