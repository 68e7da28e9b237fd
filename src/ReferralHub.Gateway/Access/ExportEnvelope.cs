using System.CommandLine;
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
    private static readonly Option<string> Which = new("--part") { Description = "summary, record or note.", DefaultValueFactory = _ => "record" };

    internal sealed record Request(Handle By, Part Part, byte[] Passphrase)
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

    public static Command Command() => Cli.Local("export", "Take out a sealed part as an age file.", [Id, File, By, Which, Passphrase.FileOption], async (parsed, local, ct) =>
    {
        if (!Code.TryParse<Part>(parsed.GetValue(Which), out var part)) throw new CommandException("malformed", $"--part {parsed.GetValue(Which)}: summary, record or note.");
        var by = Cli.Name<Handle>("--by", parsed.GetRequiredValue(By));
        var file = parsed.GetRequiredValue(File);
        using var passphrase = Passphrase.Read(parsed);
        var request = new Request(by, part, passphrase.Utf8.ToArray());
        return new Exported(file, await local.DownloadAsync($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/envelope", request, file, ct));
    });

    internal static async Task Handle(
        Guid id, Request request, HttpResponse http, GatewayDb db, DataFolder folder, Looks looks, PartFiles files, CancellationToken ct)
    {
        OwnAgency.RequirePassphrase(folder, request.Passphrase);
        var (_, part) = await looks.RecordAsync(db, id, request.Part, AccessAct.Exported, request.By, ct);
        await using var file = files.Open(part.Sha256);
        http.ContentLength = file.Length;
        http.ContentType = "application/octet-stream";
        await file.CopyToAsync(http.Body, ct);
    }
}
