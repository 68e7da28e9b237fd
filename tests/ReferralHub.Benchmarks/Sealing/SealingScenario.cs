using System.Globalization;
using ReferralHub.SystemTests;
using ReferralHub.SystemTests.Load;

namespace ReferralHub.Benchmarks.Sealing;

/// <summary>P1: sealing and opening, file to file.</summary>
internal static class SealingScenario
{
    private const int MiB = 1 << 20;
    private const string Limit = ">= 0.7";
    private const string Peer = ">= 1.3";

    public static IEnumerable<Figure> Run() => RawAge(100 * MiB, "100 MiB", new Duel(9), Limit)
        .Concat(Envelopes(100 * MiB, "100 MiB", new Duel(9)))
        .Concat(RawAge(4096, "4 KiB", new Duel(200), "none"))
        .Append(Memory());

    private static IEnumerable<Figure> RawAge(int size, string named, Duel duel, string goal)
    {
        using var folder = new TemporaryFolder();
        using var files = new AgeFiles(folder, size);
        var bare = new BareCipher(folder, size);
        foreach (var (act, ours, theirs, peer) in ((string, Action, Action, Action)[])
            [("seal", files.Seal, bare.Seal, files.PeerSeal), ("open", files.Open, bare.Open, files.PeerOpen)])
        {
            // A process of its own is most of what the peer needs for a small file.
            var isPeerThere = size >= MiB && Tool.IsThere("age");
            var (seconds, ratios) = isPeerThere ? duel.Fight(ours, theirs, peer) : duel.Fight(ours, theirs);
            yield return Speed($"{act} an age file of {named}, hybrid; beside the framework's ChaCha20-Poly1305 alone", size, seconds, ratios, 1, goal);
            if (isPeerThere) yield return Speed($"{act} an age file of {named}, hybrid; beside Debian age, X25519", size, seconds, ratios, 2, Peer);
        }
    }

    private static IEnumerable<Figure> Envelopes(int size, string named, Duel duel)
    {
        using var folder = new TemporaryFolder();
        using var files = new EnvelopeFiles(folder, size);
        var bare = new BareEnvelope(folder, size);
        foreach (var (act, ours, theirs) in ((string, Action, Action)[])[("seal", files.Seal, bare.Seal), ("open", files.Open, bare.Open)])
        {
            var (seconds, ratios) = duel.Fight(ours, theirs);
            yield return Speed($"{act} an envelope with an attachment of {named}; beside the same cipher and digests alone", size, seconds, ratios, 1, Limit);
        }
    }

    private static Figure Memory()
    {
        var (small, large) = (Peak(MiB), Peak(1024L * MiB));
        return new("more memory at its peak to seal and open an attachment of 1 GiB; beside 1 MiB", large - small, null, "MiB", null, "< 8");
    }

    private static double Peak(long size) => double.Parse(
        Tool.Output("dotnet", "exec", Environment.GetCommandLineArgs()[0], SealAndOpen.Mode, size.ToString(CultureInfo.InvariantCulture)),
        CultureInfo.InvariantCulture) / MiB;

    private static Figure Speed(string work, int size, double[] seconds, double[] ratios, int rival, string goal) =>
        new(work, size / seconds[0] / MiB, size / seconds[rival] / MiB, "MiB/s", ratios[rival], goal);
}
