using System.Buffers.Binary;

namespace StreamCore.Host.Planning;

/// <summary>The size that a JPEG file says its image has (ITU-T T.81, annex B). Looks at the file's markers and not at the image.</summary>
internal static class JpegHeader
{
    private const byte Start = 0xD8;
    private const byte End = 0xD9;
    private const byte ScanStart = 0xDA;

    /// <summary>False where the file is none, or is cut off.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (file is not [0xFF, Start, .., 0xFF, End]) return false;
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF;)
        {
            var marker = file[at + 1];
            if (marker == 0xFF) { at++; continue; } // fill bytes
            if (marker is ScanStart or End) return width > 0 && height > 0;
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length) return false;
            if (IsFrame(marker) && length >= 8)
                (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]));
            at += 2 + length;
        }

        return false;
    }

    /// <summary>SOF0 to SOF15, but for the tables that lie among them.</summary>
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
