using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// <c>envelope export ID FILE --by H</c>: a sealed part as the age file that it is, for stock tools. Asks for the passphrase
/// again, since the way out is a decision of its own, and is recorded as an export.
/// </summary>
internal static class ExportEnvelope
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Argument<string> File = new("FILE") { Description = "A new file." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who exports.", Required = true };
    private static readonly Option<string> Which = new("--part") { Description = $"{string.Join(", ", Code.All<Part>())}.", DefaultValueFactory = _ => "record" };
    private static readonly Option<int?> Number = new("--number") { Description = "Which one, where there are several of the kind; counted from 1, oldest first." };

    internal sealed record Request(Handle By, Part Part, byte[] Passphrase, int? Number = null)
    {
        /// <summary>Says nothing of the passphrase.</summary>
        public override string ToString() => nameof(Request);
    }

    /// <summary>What <c>envelope export</c> prints.</summary>
    /// <param name="File">Where the age file is.</param>
    /// <param name="Size">Its length in bytes.</param>
    internal sealed record Exported(string File, long Size) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"exported {Size} bytes to {File}; this was recorded");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/envelope", Handle);

    public static Command Command() => Cli.Local("export", "Take out a sealed part as an age file.", [Id, File, By, Which, Number, Passphrase.FileOption], async (parsed, local, ct) =>
    {
        var part = Cli.Code<Part>("--part", parsed.GetRequiredValue(Which));
        var by = Cli.Name<Handle>("--by", parsed.GetRequiredValue(By));
        var file = parsed.GetRequiredValue(File);
        using var passphrase = Passphrase.Read(parsed);
        var request = new Request(by, part, passphrase.Utf8.ToArray(), parsed.GetValue(Number));
        return new Exported(file, await local.DownloadAsync($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/envelope", request, file, ct));
    });

    internal static async Task Handle(
        Guid id, Request request, HttpResponse http, GatewayDb db, DataFolder folder, OwnAgency own, Exclusions exclusions, Looks looks, PartFiles files, CancellationToken ct)
    {
        OwnAgency.RequirePassphrase(folder, request.Passphrase);
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        var (_, part) = await looks.RecordAsync(db, id, request.Part, AccessAct.Exported, request.By, ct, await WhichAsync(id, request, db, own.Id, ct));
        await using var file = files.Open(part.Sha256);
        http.ContentLength = file.Length;
        http.ContentType = "application/octet-stream";
        await file.CopyToAsync(http.Body, ct);
    }

    // There is one summary and one record; of what people write there may be several. Null when there is no choice.
    private static async Task<Digest?> WhichAsync(Guid id, Request request, GatewayDb db, AgencyId ours, CancellationToken ct)
    {
        var some = await db.Parts.AsNoTracking().Where(p => p.Referral == id && p.Part == request.Part && p.SealedTo == ours).Select(p => p.Sha256).ToListAsync(ct);
        if (some.Count < 2 && request.Number is null) return null;
        var letters = (await ReadLetters.InOrderAsync(db, id, ct)).Where(some.Contains).ToList();
        return request.Number is { } number && number >= 1 && number <= letters.Count
            ? letters[number - 1]
            : throw new RefusedException(Refusal.Malformed, $"--number {request.Number}: there are {letters.Count} of the kind {Code.Text(request.Part)}, counted from 1.");
    }
}
