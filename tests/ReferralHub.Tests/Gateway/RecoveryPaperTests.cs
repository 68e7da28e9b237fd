using System.Runtime.Versioning;
using System.Xml.Linq;
using ReferralHub.Gateway.Keys;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Tests.Gateway;

/// <summary>A scanner reads the QR code of a page in the group interop.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RecoveryPaperTests : IDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("rh-");
    private readonly RecoveryKey _key = RecoveryKey.Create();

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void The_last_line_of_the_text_is_the_key()
    {
        var lines = File.ReadAllLines(Written("paper"));
        Assert.Equal("ReferralHub recovery key of harbour", lines[0]);
        Assert.Equal(new string(_key.ExportLine()), lines[^1]);
    }

    [Fact]
    public void The_page_has_the_key_as_text_and_as_dark_modules_inside_of_a_light_edge()
    {
        var page = XDocument.Load(Written("paper.svg")).Root!;
        var texts = page.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.Equal("ReferralHub recovery key of harbour", texts[0]);
        Assert.Equal($"public half {_key.Signing.VerifyingKey}", texts[1]);
        Assert.Equal(new string(_key.ExportLine()), texts[^1]);
        var path = page.Elements().Single(e => e.Name.LocalName == "path").Attribute("d")!.Value;
        Assert.StartsWith("M0 0h1v1h-1zM1 0h1v1h-1z", path, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_its_owner_may_read_the_file_and_no_other_is_written_over()
    {
        var file = Written("paper.svg");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Throws<IOException>(() => RecoveryPaper.Write(file, AgencyId.Parse("harbour"), _key));
    }

    [Theory]
    [InlineData("lower")]
    [InlineData("UML\u00C4UT")]
    [InlineData("LONGER-THAN-THE-ONE-SIZE-OF-CODE-THAT-IS-MADE-HERE-WHICH-HOLDS-EIGHTY-SEVEN-CHARACTERS-X")]
    public void A_code_is_made_only_of_what_fits_it(string text) => Assert.Throws<ArgumentException>(() => QrCode.Encode(text));

    private string Written(string name)
    {
        var file = Path.Combine(_folder.FullName, name);
        RecoveryPaper.Write(file, AgencyId.Parse("harbour"), _key);
        return file;
    }
}
