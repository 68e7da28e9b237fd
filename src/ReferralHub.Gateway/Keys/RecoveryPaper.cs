using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Keys;

/// <summary>
/// The paper of a recovery key: its line as text or, where the file's name ends in <c>.svg</c>, on a page of A4 with the same as
/// a QR code. Spec: docs/protocol.md §2.7.
/// </summary>
internal static class RecoveryPaper
{
    private const string Warning = "Keep this paper locked away. Whoever has it can act as the agency.";

    /// <summary>Writes a new file that only its owner may read.</summary>
    public static void Write(string file, AgencyId agency, RecoveryKey recovery)
    {
        using var paper = new StreamWriter(file, Encoding.ASCII, Private.NewFile()) { NewLine = "\n" };
        var line = recovery.ExportLine();
        if (Path.GetExtension(file) == ".svg") WritePage(paper, agency, recovery, line);
        else WriteText(paper, agency, recovery, line);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(line.AsSpan()));
    }

    private static void WriteText(StreamWriter paper, AgencyId agency, RecoveryKey recovery, char[] line)
    {
        paper.WriteLine($"{Title(agency)}\n{PublicHalf(recovery)}\n{Warning}\n");
        paper.WriteLine(line);
    }

    private static void WritePage(StreamWriter paper, AgencyId agency, RecoveryKey recovery, char[] line)
    {
        paper.WriteLine(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297" font-family="monospace" font-size="3.5">
            <rect width="210" height="297" fill="#fff"/>
            <text x="20" y="30" font-size="6">{Title(agency)}</text>
            <text x="20" y="40">{PublicHalf(recovery)}</text>
            <text x="20" y="47">{Warning}</text>
            """);
        paper.Write("""<text x="20" y="60">""");
        paper.Write(line);
        paper.Write("</text>\n<path transform=\"translate(20 75) scale(2)\" d=\"");
        var code = QrCode.Encode(line);
        for (var row = 0; row < QrCode.Size; row++)
        {
            for (var column = 0; column < QrCode.Size; column++)
            {
                if (code[row, column]) paper.Write($"M{column} {row}h1v1h-1z");
            }
        }

        Array.Clear(code);
        paper.WriteLine("\"/>\n</svg>");
    }

    private static string Title(AgencyId agency) => $"ReferralHub recovery key of {agency}";

    private static string PublicHalf(RecoveryKey recovery) => $"public half {recovery.Signing.VerifyingKey}";
}
