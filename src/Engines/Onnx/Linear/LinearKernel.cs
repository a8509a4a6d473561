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
        var (stride, firstOutput) = ((long)call.Weights.Outputs, panel * PanelLayout.Outputs);
        var outputs = Math.Min(PanelLayout.Outputs, call.Weights.Outputs - firstOutput);
        // The last panel may hold more outputs than the layer has: it is computed beside.
        var whole = outputs == PanelLayout.Outputs;
        var beside = stackalloc float[MaxTileRows * PanelLayout.Outputs];
        var gates = stackalloc float[MaxTileRows * PanelLayout.Outputs];
        var biases = stackalloc float[2 * PanelLayout.Outputs];
        var hasGate = call.Gate.Panels != 0;
        var values = new Tile(call.Weights, panel, biases);
        var gate = hasGate ? new Tile(call.Gate, panel, biases + PanelLayout.Outputs) : default;
        for (var tiles = (rows + MaxTileRows - 1) / MaxTileRows; tiles > 0; tiles--)
        {
            var count = (rows + tiles - 1) / tiles;
            var output = call.Output + firstRow * stride + firstOutput;
            if (hasGate) Multiply(gate.At(codes, firstRow, gates, PanelLayout.Outputs), count);
            values = values.At(codes, firstRow, whole ? output : beside, whole ? stride : PanelLayout.Outputs);
            Multiply(values, count);
            if (hasGate) Gate(gates, values.Output, values.Stride, count);
            if (!whole)
                for (var row = 0; row < count; row++)
                    new Span<float>(beside + row * PanelLayout.Outputs, outputs).CopyTo(new Span<float>(output + row * stride, outputs));
            firstRow += count;
            rows -= count;
        }
    }

    private protected abstract void Multiply(in Tile tile, int rows);

    /// <summary>Multiplies each value [rows][<paramref name="stride"/>] by SiLU of its gate [rows][16].</summary>
    private protected abstract void Gate(float* gates, float* values, long stride, int rows);

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

        /// <summary>The panel alone; <paramref name="bias"/> is room for the bias of its outputs.</summary>
        public Tile(in LinearWeights weights, int panel, float* bias)
        {
            var first = panel * PanelLayout.Outputs;
            var room = new Span<float>(bias, PanelLayout.Outputs);
            room.Clear();
            if (weights.Bias != 0)
                new Span<float>((float*)weights.Bias + first, Math.Min(PanelLayout.Outputs, weights.Outputs - first)).CopyTo(room);
            Panel = weights.Panel(panel);
            Bits = weights.Bits;
            Bias = bias;
        }

        /// <summary>The same panel for rows from <paramref name="row"/> on.</summary>
        public readonly Tile At(ActivationCodes codes, int row, float* output, long stride) => this with
        {
            Blocks = codes.BlockCount,
            Codes = codes.Codes + (long)row * codes.Stride,
            Scales = codes.Scales + (long)row * codes.BlockCount,
            Starts = codes.Starts + (long)row * codes.BlockCount,
            Output = output,
            Stride = stride,
        };
    }
}
