using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx.Native;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// The rows of a linear layer's input as 8-bit codes with a scale for each block of 32: value ≈ code · scale, scale = largest |value| / 127.
/// A row's codes depend on that row alone.
/// </summary>
internal sealed unsafe class ActivationCodes : IDisposable
{
    private NativeBuffer<sbyte> _codes = new(0);
    private NativeBuffer<float> _scales = new(0);
    private NativeBuffer<int> _starts = new(0);

    /// <summary>Inputs of a row.</summary>
    public int Inputs { get; private set; }

    public int BlockCount => Inputs / PanelLayout.BlockInputs;

    /// <summary>[row][Inputs].</summary>
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
        _codes = NativeBuffer<sbyte>.AtLeast(_codes, (long)rows * inputs);
        _scales = NativeBuffer<float>.AtLeast(_scales, (long)rows * BlockCount);
        _starts = NativeBuffer<int>.AtLeast(_starts, (long)rows * BlockCount);
    }

    /// <summary>Makes the codes of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Quantize(int row, float* values)
    {
        var blocks = BlockCount;
        var codes = Codes + (long)row * Inputs;
        for (var block = 0; block < blocks; block++, values += PanelLayout.BlockInputs, codes += PanelLayout.BlockInputs)
        {
            var (a, b, c, d) = (Vector256.Load(values), Vector256.Load(values + 8), Vector256.Load(values + 16), Vector256.Load(values + 24));
            var largest = Largest(Vector256.Max(
                Vector256.Max(Vector256.Abs(a), Vector256.Abs(b)), Vector256.Max(Vector256.Abs(c), Vector256.Abs(d))));
            var inverse = largest > 0 ? 127 / largest : 0;
            var low = Vector256.Narrow(Whole(a, inverse), Whole(b, inverse));
            var high = Vector256.Narrow(Whole(c, inverse), Whole(d, inverse));
            Vector256.Narrow(low, high).Store(codes);
            var start = (ushort)(-4 * Vector256.Sum(low + high));
            Starts[(long)row * blocks + block] = start | start << 16;
            Scales[(long)row * blocks + block] = largest / 127;
        }
    }

    public void Dispose()
    {
        _codes.Dispose();
        _scales.Dispose();
        _starts.Dispose();
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
