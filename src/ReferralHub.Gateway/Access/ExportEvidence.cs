using System.CommandLine;
using ReferralHub.Client;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Incoming;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// <c>evidence export ID FILE</c>: all that proves what happened to one referral, without its content. The hub records the
/// export. Spec: docs/protocol.md §5.
/// </summary>
internal static class ExportEvidence
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Argument<string> File = new("FILE") { Description = "A new file." };

    private static readonly Option<string?> By = new("--by") { Description = "Handle of who exports; some referrals are kept from some people." };

    internal sealed record Request(Handle? By);

    /// <summary>What <c>evidence export</c> prints.</summary>
    /// <param name="File">Where the zip is.</param>
    /// <param name="Size">Its length in bytes.</param>
    internal sealed record Exported(string File, long Size) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"exported {Size} bytes to {File}; check it: rh-verify {File} --fingerprint F");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/referrals/{id:guid}/evidence", Handle);

    public static Command Command() => Cli.Local("export", "Take out what proves one referral.", [Id, File, By], async (parsed, local, ct) =>
    {
        var file = parsed.GetRequiredValue(File);
        return new Exported(file, await local.DownloadAsync($"referrals/{WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)))}/evidence", new Request(Cli.OptionalName<Handle>("--by", parsed.GetValue(By))), file, ct));
    });

    internal static async Task Handle(Guid id, Request request, HttpResponse http, GatewayDb db, Exclusions exclusions, HubClient hub, CancellationToken ct)
    {
        await exclusions.RequireVisibleAsync(db, id, request.By, ct);
        await Acts.FindAsync(db, id, ct);
        http.ContentType = "application/zip";
        await hub.DownloadEvidenceAsync(id, http.Body, ct);
    }
}
