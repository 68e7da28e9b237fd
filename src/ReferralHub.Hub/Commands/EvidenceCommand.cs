using System.CommandLine;
using ReferralHub.Hub.Referrals;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary><c>referralhub evidence REF --out FILE</c>: all that proves a referral, for a court or an auditor.</summary>
internal static class EvidenceCommand
{
    private static readonly Argument<string> Referral = new("REF") { Description = "The referral's id" };

    private static readonly Option<string> Out = new("--out") { Description = "The file to write", Required = true };

    public static Command Make() => new Command("evidence", "Export the evidence about a referral") { Referral, Out, CollectEvidence.Make() }
        .Does((parse, ct) => Shell.Open(parse, async (services, db) =>
        {
            var (id, file) = (parse.GetValue(Referral)!, parse.GetValue(Out)!);
            if (!WireId.TryParse(id, out var known) || await db.Set<ReferralRecord>().FindAsync([known], ct) is not { } referral)
                throw new SettingsException("REF", id, "There is no such referral: give its id as the sender's gateway shows it.");
            if (File.Exists(file)) throw new SettingsException("--out", file, "The file exists: name a new one.");

            var evidence = services.GetRequiredService<Evidence>();
            if (!await evidence.IsLogged(referral, ct))
                throw new SettingsException("REF", id, "Events about it wait for their place in the log: start the server, then try again.");

            var bundle = await evidence.Export(referral, by: null, ct);
            await using var destination = new FileStream(file, FileMode.CreateNew);
            await bundle.WriteToAsync(destination, ct);
            return new Answer(
                new { file, bytes = bundle.Size, manifest = bundle.Manifest.ToString() }, $"wrote {file}, {bundle.Size} bytes, manifest {bundle.Manifest}");
        }));
}
