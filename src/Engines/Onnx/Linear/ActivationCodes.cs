using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx.Native;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// The rows of a linear layer's input as 8-bit codes with a scale for each block of 32: value ≈ code · scale, scale = largest |value| / 127.
/// A row's codes depend on that row alone. A block whose largest value is no finite number has codes of zero, and its scale carries that on
/// into the row's results.
/// </summary>
internal sealed unsafe class ActivationCodes : IDisposable
{
    /// <summary>Below it 127 / largest would not be finite: such a block counts as zeros.</summary>
    private const float Smallest = 1e-36f;

    private NativeBuffer<sbyte> _codes = new(0);
    private NativeBuffer<float> _scales = new(0);
    private NativeBuffer<int> _starts = new(0);

    /// <summary>Inputs of a row.</summary>
    public int Inputs { get; private set; }

    public int BlockCount => PanelLayout.Blocks(Inputs);

    /// <summary>Codes of a row: its inputs, filled up to whole blocks with zeros.</summary>
    public int Stride => BlockCount * PanelLayout.BlockInputs;

    /// <summary>[row][Stride].</summary>
    public sbyte* Codes => _codes.Pointer;

    /// <summary>[row][BlockCount].</summary>
    public float* Scales => _scales.Pointer;

    /// <summary>[row][BlockCount]: -4 times the sum of the block's codes, twice, in 16 bits each. Codes of weights are stored with 8 added, which this
    /// takes off again when two sums begin with it. It fits: the sum is at most 32 · 127 in size.</summary>
    public int* Starts => _starts.Pointer;

    /// <summary>Makes room; the content is not kept.</summary>
    public void Reshape(int rows, int inputs)
    {
        Inputs = inputs;
        _codes = NativeBuffer<sbyte>.AtLeast(_codes, (long)rows * Stride);
        _scales = NativeBuffer<float>.AtLeast(_scales, (long)rows * BlockCount);
        _starts = NativeBuffer<int>.AtLeast(_starts, (long)rows * BlockCount);
    }

    /// <summary>Makes the codes of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Quantize(int row, float* values)
    {
        var (whole, first) = (Inputs / PanelLayout.BlockInputs, (long)row * BlockCount);
        var codes = Codes + first * PanelLayout.BlockInputs;
        var scales = Scales + first;
        var starts = Starts + first;
        for (var block = 0; block < whole; block++, values += PanelLayout.BlockInputs, codes += PanelLayout.BlockInputs)
            Quantize(values, codes, scales + block, starts + block);
        if (whole < BlockCount) QuantizeLast(values, codes, scales + whole, starts + whole);
    }

    public void Dispose()
    {
        _codes.Dispose();
        _scales.Dispose();
        _starts.Dispose();
    }

    /// <summary>A last block that is not full.</summary>
    private void QuantizeLast(float* values, sbyte* codes, float* scale, int* start)
    {
        var block = stackalloc float[PanelLayout.BlockInputs];
        new Span<float>(values, Inputs % PanelLayout.BlockInputs).CopyTo(new Span<float>(block, PanelLayout.BlockInputs));
        Quantize(block, codes, scale, start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quantize(float* values, sbyte* codes, float* scale, int* start)
    {
        var (a, b, c, d) = (Vector256.Load(values), Vector256.Load(values + 8), Vector256.Load(values + 16), Vector256.Load(values + 24));
        var largest = Largest(Vector256.Max(
            Vector256.Max(Vector256.Abs(a), Vector256.Abs(b)), Vector256.Max(Vector256.Abs(c), Vector256.Abs(d))));
        var inverse = largest > Smallest ? 127 / largest : 0;
        var low = Vector256.Narrow(Whole(a, inverse), Whole(b, inverse));
        var high = Vector256.Narrow(Whole(c, inverse), Whole(d, inverse));
        Vector256.Narrow(low, high).Store(codes);
        var pair = (ushort)(-4 * Vector256.Sum(low + high));
        *start = pair | pair << 16;
        *scale = largest / 127;
    }

    private static Vector256<int> Whole(Vector256<float> values, float inverse) =>
        Vector256.ConvertToInt32(Vector256.Round(values * Vector256.Create(inverse)));

    private static float Largest(Vector256<float> values)
    {
        var four = Vector128.Max(values.GetLower(), values.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(two[0], two[1]);
    }
}
