using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ReferralHub.Gateway.Commands;
using ReferralHub.Gateway.Outgoing;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Gateway.Directory;

/// <summary>
/// <c>directory compare AGENCY --read TEXT --by H</c>: somebody here has called an agency on a number that they know from
/// elsewhere, and types what was read out, digits or words. What fits is recorded; what does not is an alarm. Spec: docs/protocol.md §2.2.
/// </summary>
internal static class CompareFingerprint
{
    private static readonly Argument<string> Agency = new("AGENCY") { Description = "Whom you have called." };
    private static readonly Option<string> Read = new("--read") { Description = "What they read out: the 60 digits or the 12 words.", Required = true };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who compared.", Required = true };

    internal sealed record Request(AgencyId Agency, string Read, Handle By);

    /// <summary>What <c>directory compare</c> prints.</summary>
    /// <param name="Agency">The agency.</param>
    /// <param name="By">Who compared.</param>
    /// <param name="At">When.</param>
    internal sealed record Compared(AgencyId Agency, Handle By, DateTimeOffset At) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"{Agency}: the fingerprint is the one that was read out; recorded for {By}");
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/directory/compare", Handle);

    public static Command Command() => Cli.Local("compare", "Record that an agency's fingerprint was compared by voice.", [Agency, Read, By], async (parsed, local, ct) =>
        await local.PostAsync<Compared>(
            "directory/compare",
            new Request(Cli.Name<AgencyId>("AGENCY", parsed.GetRequiredValue(Agency)), parsed.GetRequiredValue(Read), Cli.Name<Handle>("--by", parsed.GetRequiredValue(By))),
            ct));

    internal static async Task<Compared> Handle(Request request, GatewayDb db, FollowDirectory directory, TimeProvider clock, ILogger<FollowDirectory> log, CancellationToken ct)
    {
        await Outbox.RequirePersonAsync(db, request.By, ct);
        var agency = directory.Current.Find(request.Agency) ?? throw new RefusedException(Refusal.UnknownAgency, $"{request.Agency}: no such agency in the directory.");
        var fingerprint = Fingerprint.Of(directory.Current.Genesis.Origin, agency.Id, agency.Recovery);
        var at = clock.GetUtcNow();
        if (!Fits(request.Read, fingerprint))
        {
            await db.Write(() => Alarms.RaiseAsync(db, new Alarm { At = at, Code = AlarmCode.FingerprintDiffers, Detail = $"{agency.Id}" }, log, ct), ct);
            throw new RefusedException(Refusal.FingerprintDiffers, $"That is not the fingerprint that the directory has of {agency.Id}. Let it be read out again; if it stays so, send nothing there and call the registrars.");
        }

        await db.Write(
            async () =>
            {
                // The newest comparison counts.
                db.Comparisons.RemoveRange(await db.Comparisons.Where(c => c.Agency == agency.Id && c.Fingerprint == fingerprint).ToListAsync(ct));
                await db.SaveChangesAsync(ct);
                db.Comparisons.Add(new Comparison { Agency = agency.Id, Fingerprint = fingerprint, By = request.By, At = at });
            },
            ct);
        return new(agency.Id, request.By, at);
    }

    /// <summary>Whether what was typed is all of the digits or all of the words. Pure.</summary>
    internal static bool Fits(string read, Cryptography.Encodings.Digest fingerprint)
    {
        var words = string.Join(' ', read.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return words == Fingerprint.Words(fingerprint)
            || string.Concat(words.Split(' ')) == string.Concat(Fingerprint.Digits(fingerprint).Split(' '));
    }
}
