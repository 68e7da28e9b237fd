using System.CommandLine;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Keys;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// <c>keys export FILE --by H</c>: the encryption keys as an age identity file under a new passphrase, for stock tools and for
/// a backup. Whoever has it can read all that is held here, so it is recorded as an export of every part held.
/// </summary>
internal static class ExportKeys
{
    private static readonly Argument<string> File = new("FILE") { Description = "A new file." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who exports.", Required = true };
    private static readonly Option<string?> NewPassphrase = new("--export-passphrase-file") { Description = "File with the passphrase for the export; asked for otherwise." };

    internal sealed record Request(Handle By, byte[] Passphrase, byte[] ExportPassphrase)
    {
        /// <summary>Says nothing of the passphrases.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>keys export</c> prints.</summary>
    /// <param name="File">Where the encrypted identity file is.</param>
    /// <param name="Size">Its length in bytes.</param>
    internal sealed record Exported(string File, long Size) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"exported the encryption keys to {File}; this was recorded for every part held");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/keys/export", Handle);

    public static Command Command() => Cli.Local("export", "Take out the encryption keys as an age file.", [File, By, NewPassphrase, Passphrase.FileOption], async (parsed, local, ct) =>
    {
        var by = Cli.Name<Handle>("--by", parsed.GetRequiredValue(By));
        var file = parsed.GetRequiredValue(File);
        using var passphrase = Passphrase.Read(parsed);
        using var export = Passphrase.ReadNew(parsed.GetValue(NewPassphrase), NewPassphrase.Name);
        var request = new Request(by, passphrase.Utf8.ToArray(), export.Utf8.ToArray());
        return new Exported(file, await local.DownloadAsync("keys/export", request, file, ct));
    });

    internal static async Task Handle(
        Request request, HttpResponse http, GatewayDb db, DataFolder folder, OwnAgency own, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        OwnAgency.RequirePassphrase(folder, request.Passphrase);
        await Outbox.RequirePersonAsync(db, request.By, ct);
        while (!await TellAsync(request, db, own, outbox, ct)) await Task.Delay(TimeSpan.FromSeconds(1), clock, ct);

        using var backup = new MemoryStream();
        KeyBackup.Write(backup, own.Keys, request.ExportPassphrase);
        CryptographicOperations.ZeroMemory(request.ExportPassphrase);
        http.ContentLength = backup.Length;
        http.ContentType = "application/octet-stream";
        backup.Position = 0;
        await backup.CopyToAsync(http.Body, ct);
    }

    // False when the same was said within this second, as after a command that was given twice.
    private static Task<bool> TellAsync(Request request, GatewayDb db, OwnAgency own, Outbox outbox, CancellationToken ct) =>
        db.Write(
            async () =>
            {
                var preamble = await outbox.PreambleAsync(db, ct);
                var held = await db.Parts.Where(p => p.Held && p.SealedTo == own.Id)
                    .Join(db.Referrals, p => p.Referral, r => r.Id, (p, r) => new { Part = p, Referral = r }).ToListAsync(ct);
                var statements = held.ConvertAll(one => Looks.Statement(one.Referral, one.Part, AccessAct.Exported, request.By, preamble));
                foreach (var statement in statements)
                {
                    if (await outbox.HasSaidAsync(db, statement, ct)) return false;
                }

                foreach (var statement in statements) outbox.Add(db, statement, stream: statement.Referral);
                return true;
            },
            ct);
}
