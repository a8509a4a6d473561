namespace StreamCore.Engines.Images;

/// <summary>
/// Formats of images by their first bytes. ffmpeg is told the format and never finds it out itself: it knows hundreds, some of which name
/// other files to be read.
/// </summary>
internal static class ImageFormat
{
    /// <summary>For messages.</summary>
    public const string Names = "JPEG, PNG, WebP, GIF or BMP";

    private static ReadOnlySpan<byte> Jpeg => [0xff, 0xd8, 0xff];

    private static ReadOnlySpan<byte> Png => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>ffmpeg's name for what reads the format from a pipe; null for formats that are not taken.</summary>
    public static string? DemuxerOf(ReadOnlySpan<byte> image)
    {
        if (image.StartsWith(Jpeg)) return "jpeg_pipe";
        if (image.StartsWith(Png)) return "png_pipe";
        if (image.StartsWith("RIFF"u8) && image.Length >= 12 && image[8..].StartsWith("WEBP"u8)) return "webp_pipe";
        if (image.StartsWith("GIF87a"u8) || image.StartsWith("GIF89a"u8)) return "gif";
        if (image.StartsWith("BM"u8)) return "bmp_pipe";
        return null;
    }
}
