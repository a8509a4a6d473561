namespace StreamCore.Engines.Models;

/// <summary>
/// How a weight matrix [outputs, inputs] lies in a model's data file for the linear operator: in panels of 16 outputs, each a row of blocks of
/// 32 inputs. A block holds its codes, then 16 scales (float16), one for each output; value = code · scale. What a last block or a last panel
/// holds beyond the matrix counts as zeros.
/// </summary>
/// <remarks>
/// A plane of codes is four vectors of 64 bytes. Byte 4 · output + i of vector v has, in its low half, the code of input 4 · v + i, in its high half
/// that of input 4 · v + i + 16. A 4-bit code is one plane, of code + 8. An 8-bit code is two: of its high half + 8, then of its low half.
/// These are the codes of GGML's Q4_0 and Q8_0, so that such files are taken over bit for bit.
/// </remarks>
internal static class PanelLayout
{
    /// <summary>Outputs side by side in a panel.</summary>
    public const int Outputs = 16;

    /// <summary>Inputs that share a scale.</summary>
    public const int BlockInputs = 32;

    /// <summary>Bytes of one plane of codes.</summary>
    public const int PlaneBytes = Outputs * BlockInputs / 2;

    /// <summary>Bytes of the scales of a block.</summary>
    public const int ScaleBytes = Outputs * sizeof(ushort);

    /// <summary>Bytes of a block of 4-bit or 8-bit codes.</summary>
    public static int BlockBytes(int bits) => PlaneBytes * (bits / 4) + ScaleBytes;

    /// <summary>Panels that hold one output or more.</summary>
    public static int Panels(int outputs) => (outputs - 1) / Outputs + 1;

    /// <summary>Blocks that hold one input or more.</summary>
    public static int Blocks(int inputs) => (inputs - 1) / BlockInputs + 1;

    /// <summary>Bytes of a matrix.</summary>
    public static long Bytes(int outputs, int inputs, int bits) => (long)Panels(outputs) * Blocks(inputs) * BlockBytes(bits);

    /// <summary>The byte of a plane that holds the code of one input for one output, and the half of the byte it is in (0 low, 1 high).</summary>
    public static (int Byte, int Half) Place(int output, int input) =>
        (input % 16 / 4 * 64 + output * 4 + input % 4, input / 16);
}
