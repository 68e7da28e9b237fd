using System.Globalization;
using System.Text;

namespace ReferralHub.Demo.Attachments;

/// <summary>
/// An empty paper form as a PDF 1.4 of one A4 page: a title, labels and rules to write on. Written by hand, since its
/// one font is among the fourteen that every reader has and the machine may have none.
/// </summary>
internal static class BlankForm
{
    private const int Left = 60;
    private const int Right = 535;

    private static readonly string[] Labels =
    [
        "Case code", "Referring agency", "Receiving agency", "Date and time of hand-over", "Received by (handle)",
        "Documents handed over", "Interpreter present", "Safeguarding lead consulted", "Signature",
    ];

    public static byte[] Make(string remark)
    {
        var page = Page(remark);
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
            $"<< /Length {page.Length} >>\nstream\n{page}\nendstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ];

        var pdf = new StringBuilder("%PDF-1.4\n");
        var references = new StringBuilder($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n");
        for (var i = 0; i < objects.Length; i++)
        {
            references.Append(CultureInfo.InvariantCulture, $"{pdf.Length:D10} 00000 n \n");
            pdf.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        var start = pdf.Length;
        pdf.Append(references).Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.ASCII.GetBytes(pdf.ToString());
    }

    private static string Page(string remark)
    {
        var page = new StringBuilder($"BT /F 16 Tf {Left} 780 Td (SYNTHETIC - hand-over form, left blank) Tj ET\n");
        page.Append(CultureInfo.InvariantCulture, $"BT /F 8 Tf {Left} 764 Td ({Escaped(remark)}) Tj ET\n");
        for (var i = 0; i < Labels.Length; i++)
        {
            var y = 730 - (i * 60);
            page.Append(CultureInfo.InvariantCulture, $"BT /F 10 Tf {Left} {y} Td ({Escaped(Labels[i])}) Tj ET\n");
            page.Append(CultureInfo.InvariantCulture, $"{Left} {y - 26} m {Right} {y - 26} l S\n");
        }

        return page.ToString();
    }

    private static string Escaped(string text) =>
        text.Replace("(", @"\(", StringComparison.Ordinal).Replace(")", @"\)", StringComparison.Ordinal);
}
