using ReferralHub.Demo.Attachments;

namespace ReferralHub.Demo.Stories;

/// <summary>The files that go along with the referral of the stories, made when needed; together less than 25 MiB.</summary>
internal static class Attached
{
    public const string Form = "form.pdf";
    public const string Photo = "pattern.jpg";
    public const string Film = "pattern.mp4";

    private const int FilmBytes = 24 << 20;

    /// <summary>In the order in which the referral lists them.</summary>
    public static IReadOnlyList<string> Files { get; } = [Form, Photo, Film];

    public static async Task Make(string folder, string remark, CancellationToken ct)
    {
        await File.WriteAllBytesAsync(Path.Combine(folder, Form), BlankForm.Make(remark), ct);
        await File.WriteAllBytesAsync(Path.Combine(folder, Photo), TestPattern.ColourBars(1024, 768), ct);
        await using var film = File.Create(Path.Combine(folder, Film));
        MotionJpeg.Write(film, FilmBytes, 1280, 720, frame => TestPattern.ZonePlate(1280, 720, frame));
    }
}
