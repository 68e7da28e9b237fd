using SkiaSharp;

namespace ReferralHub.Demo.Attachments;

/// <summary>Pictures that show nothing: colour bars for a photo, a moving zone plate for the frames of a film.</summary>
internal static class TestPattern
{
    private static readonly SKColor[] Bars =
    [
        SKColors.White, SKColors.Yellow, SKColors.Cyan, SKColors.Lime, SKColors.Magenta, SKColors.Red, SKColors.Blue, SKColors.Black,
    ];

    private static readonly byte[] Wave =
        [.. Enumerable.Range(0, 256).Select(i => (byte)Math.Round(127.5 + (127.5 * Math.Cos(i * Math.Tau / 256))))];

    /// <summary>Eight colour bars as a JPEG.</summary>
    public static byte[] ColourBars(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint();
        for (var i = 0; i < Bars.Length; i++)
        {
            paint.Color = Bars[i];
            canvas.DrawRect(SKRect.Create((float)i * width / Bars.Length, 0, (float)width / Bars.Length, height), paint);
        }

        return Jpeg(bitmap, quality: 90);
    }

    /// <summary>
    /// One frame of a zone plate, as a JPEG: its rings move outwards from frame to frame, and get finer towards the edge,
    /// so that it stays large when compressed.
    /// </summary>
    public static byte[] ZonePlate(int width, int height, int frame)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Gray8, SKAlphaType.Opaque);
        var pixels = bitmap.GetPixelSpan();
        for (var y = 0; y < height; y++)
        {
            var row = pixels.Slice(y * bitmap.RowBytes, width);
            var dy = y - (height / 2);
            for (var x = 0; x < width; x++)
            {
                var dx = x - (width / 2);
                row[x] = Wave[((((dx * dx) + (dy * dy)) / 8) - (frame * 8)) & 0xff];
            }
        }

        return Jpeg(bitmap, quality: 95);
    }

    private static byte[] Jpeg(SKBitmap bitmap, int quality)
    {
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        return data.ToArray();
    }
}
