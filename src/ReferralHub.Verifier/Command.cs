using System.CommandLine;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Evidence;

namespace ReferralHub.Verifier;

/// <summary>The command line of <c>rh-verify</c>: reads one bundle or one folder of them, asks nobody, writes nothing.</summary>
internal static class Command
{
    private const int Good = 0, Broken = 1, Usage = 2;

    private const string WhereFComesFrom =
        """
        rh-verify: --fingerprint F is missing.
        F is the SHA-256 of the hub's genesis, 64 hexadecimal digits. Everything in the evidence is believed only because F
        vouches for it, so F must not come from the evidence or from whoever handed it to you. Take it from a registrar, from
        the paper on which the hub was introduced to your agency, or from your agency's own gateway, which has used it since
        it joined.
        """;

    /// <summary>Runs the command.</summary>
    /// <returns>0 if the evidence holds, 1 if it is broken, 2 if the command was not understood or the file not read.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var file = new Argument<string>("evidence.zip") { Description = "The bundle to check, or the folder of a collection." };
        var fingerprint = new Option<string>("--fingerprint") { HelpName = "F", Description = "SHA-256 of the hub's genesis, from a source you trust." };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON." };
        var root = new RootCommand("Checks evidence about referrals, offline. Exit 0: it holds. 1: it is broken. 2: usage.") { file, fingerprint, json };
        root.SetAction(parsed => Check(
            parsed.GetRequiredValue(file), parsed.GetValue(fingerprint), parsed.GetValue(json), output, error));

        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0) return parsed.Invoke(new() { Output = output, Error = error });
        foreach (var problem in parsed.Errors) error.WriteLine($"rh-verify: {problem.Message}");
        error.WriteLine("rh-verify evidence.zip --fingerprint F [--json]");
        return Usage;
    }

    private static int Check(string file, string? fingerprint, bool json, TextWriter output, TextWriter error)
    {
        if (fingerprint is null) return Refuse(WhereFComesFrom);
        if (!Digest.TryParse(fingerprint, out var promised)) return Refuse("rh-verify: F is 64 hexadecimal digits in lower case.");

        try
        {
            return Directory.Exists(file) ? CheckFolder() : CheckBundle();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refuse($"rh-verify: {file} cannot be read: {exception.Message}");
        }

        int CheckBundle()
        {
            var report = EvidenceCheck.Run(Read(file), promised);
            if (json) JsonReport.Write(report, promised, output);
            else if (report.Story is { } story) TextReport.Write(story, promised, output);
            return Exit(report.Finding);
        }

        int CheckFolder()
        {
            var report = EvidenceFolder.Check(name => Path.Combine(file, name) is var path && File.Exists(path) ? Read(path) : null, promised);
            if (json) JsonReport.Write(report, promised, output);
            else if (report.Finding is null) TextReport.Write(report, promised, output);
            return Exit(report.Finding);
        }

        int Exit(EvidenceFinding? finding)
        {
            if (finding is not null && !json) error.WriteLine($"rh-verify: broken: {finding}");
            return finding is null ? Good : Broken;
        }

        int Refuse(string reason)
        {
            error.WriteLine(reason);
            return Usage;
        }
    }

    // One byte more than a bundle can have is enough to see that it is none, whatever the file goes on with.
    private static byte[] Read(string file)
    {
        using var stream = File.OpenRead(file);
        var bytes = new byte[Math.Min(stream.Length, EvidenceBundle.MaxSize + 1)];
        return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
