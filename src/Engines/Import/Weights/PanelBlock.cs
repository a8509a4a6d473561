using System.Runtime.InteropServices;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Weights;

/// <summary>Writes into a block of <see cref="PanelLayout"/>.</summary>
internal static class PanelBlock
{
    /// <summary>Writes one output's codes, -8 to 7 or -128 to 127, and their scale. The block's bytes were zero before.</summary>
    public static void Write(Span<byte> block, int output, int bits, ReadOnlySpan<sbyte> codes, Half scale)
    {
        for (var input = 0; input < PanelLayout.BlockInputs; input++)
        {
            var (at, half) = PanelLayout.Place(output, input);
            var high = bits == 4 ? codes[input] : codes[input] >> 4;
            block[at] |= (byte)((high + 8) << (4 * half));
            if (bits == 8) block[PanelLayout.PlaneBytes + at] |= (byte)((codes[input] & 15) << (4 * half));
        }
        MemoryMarshal.Cast<byte, Half>(block[^PanelLayout.ScaleBytes..])[output] = scale;
    }
}
