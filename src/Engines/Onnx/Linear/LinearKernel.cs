using System.Runtime.Intrinsics;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// The arithmetic of a linear layer for one panel of outputs. A row's result depends on its own codes alone, in an order of
/// operations that is the same for any number of rows, any width of vectors and any threads.
/// </summary>
internal abstract unsafe class LinearKernel
{
    private const int MaxTileRows = 8;

    /// <summary>The widest vectors that the processor has: outputs of a panel side by side.</summary>
    public static int BestWidth => PanelLanes16.IsSupported ? 16 : PanelLanes8.IsSupported ? 8 : 4;

    /// <summary>The kernel for 16, 8 or 4 outputs side by side; the last works on every machine.</summary>
    public static LinearKernel Create(int width) => width switch
    {
        16 => new PanelKernel<PanelLanes16, Vector512<byte>, Vector512<short>, Vector512<float>>(),
        8 => new PanelKernel<PanelLanes8, Vector256<byte>, Vector256<short>, Vector256<float>>(),
        4 => new PanelKernel<PanelLanes4, Vector128<byte>, Vector128<short>, Vector128<float>>(),
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "not a width of the kernel"),
    };

    /// <summary>Computes rows from <paramref name="firstRow"/> on for the outputs of one panel, in register tiles as equal as they can be.</summary>
    public void Multiply(in LinearCall call, ActivationCodes codes, int firstRow, int rows, int panel)
    {
        var weights = call.Weights;
        var firstOutput = panel * PanelLayout.Outputs;
        var outputs = Math.Min(PanelLayout.Outputs, weights.Outputs - firstOutput);
        // The last panel may hold more outputs than the layer has: it is computed beside.
        var whole = outputs == PanelLayout.Outputs;
        var beside = stackalloc float[MaxTileRows * PanelLayout.Outputs];
        var bias = stackalloc float[PanelLayout.Outputs];
        if (weights.Bias != 0) new Span<float>((float*)weights.Bias + firstOutput, outputs).CopyTo(new Span<float>(bias, outputs));
        var tile = new Tile
        {
            Panel = weights.Panel(panel),
            Bits = weights.Bits,
            Blocks = codes.BlockCount,
            Bias = bias,
            Stride = whole ? weights.Outputs : PanelLayout.Outputs,
        };
        for (var tiles = (rows + MaxTileRows - 1) / MaxTileRows; tiles > 0; tiles--)
        {
            var count = (rows + tiles - 1) / tiles;
            var output = call.Output + (long)firstRow * weights.Outputs + firstOutput;
            tile.Codes = codes.Codes + (long)firstRow * codes.Stride;
            tile.Scales = codes.Scales + (long)firstRow * codes.BlockCount;
            tile.Starts = codes.Starts + (long)firstRow * codes.BlockCount;
            tile.Output = whole ? output : beside;
            Multiply(tile, count);
            if (!whole)
                for (var row = 0; row < count; row++)
                    new Span<float>(beside + row * PanelLayout.Outputs, outputs).CopyTo(new Span<float>(output + (long)row * weights.Outputs, outputs));
            firstRow += count;
            rows -= count;
        }
    }

    private protected abstract void Multiply(in Tile tile, int rows);

    /// <summary>Up to eight rows and the outputs of a panel.</summary>
    private protected struct Tile
    {
        public byte* Panel;
        public int Bits;
        public int Blocks;
        public sbyte* Codes;
        public float* Scales;
        public int* Starts;
        public float* Bias;
        public float* Output;

        /// <summary>Floats from a row of the output to the next.</summary>
        public long Stride;
    }
}
