using System.Runtime.InteropServices;
using StreamCore.Engines.Onnx.Linear;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Engines.Tests.Import;
using StreamCore.Engines.Tests.Reference;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>A linear layer in a data file of its own, and what it is in double precision.</summary>
internal sealed unsafe class LinearCase : IDisposable
{
    /// <summary>Where the weights lie; before them are bytes that nothing may read.</summary>
    private const int Offset = 100;

    /// <summary>What lies behind the output: nothing may write there.</summary>
    private const float Behind = 12345;

    private readonly TempFolder _temp = new();
    private readonly PanelWeights _weights;
    private readonly float[]? _bias;

    /// <summary>A layer of given weights. The bias lies at the very end of the file; without one, the weights do.</summary>
    public LinearCase(PanelWeights weights, float[]? bias = null)
    {
        (_weights, _bias) = (weights, bias);
        File.WriteAllBytes(_temp["data"],
            [.. Enumerable.Repeat((byte)0xFF, Offset), .. weights.Bytes, .. MemoryMarshal.AsBytes(bias.AsSpan())]);
    }

    public int Inputs => _weights.Inputs;

    /// <summary>Every width of vectors that this machine has.</summary>
    public static int[] Widths => [.. new[] { 4, 8, 16 }.Where(width => width <= LinearKernel.BestWidth)];

    /// <summary>A layer of random codes and scales.</summary>
    public static LinearCase Random(int outputs, int inputs, int bits, bool hasBias = false, int seed = 0)
    {
        var random = new Random(outputs * 1000 + inputs + seed);
        var weights = new PanelWeights(outputs, inputs, bits);
        for (var output = 0; output < outputs; output++)
            for (var input = 0; input < inputs; input++)
            {
                weights.SetCode(output, input, random.Next(bits == 4 ? -8 : -128, bits == 4 ? 8 : 128));
                if (input % 32 == 0) weights.SetScale(output, input, (Half)(random.NextSingle() * 0.2f - 0.1f));
            }
        return new LinearCase(weights, hasBias ? [.. Enumerable.Range(0, outputs).Select(_ => random.NextSingle() * 4 - 2)] : null);
    }

    /// <summary>Rows of random numbers; a row depends on its own number alone.</summary>
    public float[][] Rows(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(seed =>
        {
            var random = new Random(seed);
            return Enumerable.Range(0, Inputs).Select(_ => random.NextSingle() * 6 - 3).ToArray();
        })];

    /// <summary>The layer's output for some rows, with another layer as its gate.</summary>
    public float[][] Run(float[][] rows, int width, int workers = 1, LinearCase? gate = null)
    {
        using var layers = Layers(width, workers);
        using var gates = gate?.Layers(width, workers);
        var (outputs, weights) = (_weights.Outputs, Weights(layers));
        // Behind the last row are numbers that would show in its last block, were they read.
        using var input = new NativeBuffer<float>((rows.Length + 1) * Inputs + 32);
        using var output = new NativeBuffer<float>(rows.Length * outputs + 16);
        input.Span.Fill(float.NaN);
        output.Span.Fill(Behind);
        for (var row = 0; row < rows.Length; row++) rows[row].CopyTo(input.Slice(row * Inputs, Inputs));
        layers.Run(
            new LinearCall
            {
                Input = input.Pointer,
                Output = output.Pointer,
                Rows = rows.Length,
                Weights = weights,
                Gate = gates is null ? default : gate!.Weights(gates),
            },
            new TestWorkers(workers > 1));
        if (output.Slice(rows.Length * outputs, 16).ContainsAnyExcept(Behind)) throw new InvalidOperationException("written beyond the output");
        return [.. Enumerable.Range(0, rows.Length).Select(row => output.Slice(row * outputs, outputs).ToArray())];
    }

    /// <summary>Rows of the weights as an embedding has them.</summary>
    public float[][] Embed(params long[] ids)
    {
        using var layers = Layers(LinearKernel.BestWidth, 1);
        using var output = new NativeBuffer<float>(ids.Length * Inputs + 32);
        output.Span.Fill(Behind);
        LinearLayers.Embed(Weights(layers), ids, output.Pointer);
        if (output.Slice(ids.Length * Inputs, 32).ContainsAnyExcept(Behind)) throw new InvalidOperationException("written beyond the output");
        return [.. Enumerable.Range(0, ids.Length).Select(row => output.Slice(row * Inputs, Inputs).ToArray())];
    }

    /// <summary>The numbers that a row of the weights stands for.</summary>
    public float[] TableRow(int output) =>
        [.. Enumerable.Range(0, Inputs).Select(input => _weights.Code(output, input) * (float)_weights.Scale(output, input))];

    /// <summary>One row's output with whole sums exact and all else in double precision, and how far rounding floats may lead from it.</summary>
    public (double Value, double Tolerance)[] Expected(float[] row)
    {
        var (codes, scales) = Cut(row);
        return [.. Enumerable.Range(0, _weights.Outputs).Select(output =>
        {
            double sum = _bias?[output] ?? 0;
            var size = Math.Abs(sum);
            for (var first = 0; first < Inputs; first += 32)
            {
                var whole = 0;
                for (var input = first; input < Math.Min(first + 32, Inputs); input++) whole += codes[input] * _weights.Code(output, input);
                var term = whole * (double)_weights.Scale(output, first) * scales[first / 32];
                (sum, size) = (sum + term, size + Math.Abs(term));
            }
            return (sum, size * (scales.Length + 2) * Math.ScaleB(1, -23));
        })];
    }

    public void Dispose() => _temp.Dispose();

    private LinearLayers Layers(int width, int workers) => new(new WeightMemory(_temp["data"]), LinearKernel.Create(width), workers);

    private LinearWeights Weights(LinearLayers layers) =>
        layers.Weights(Offset, _bias is null ? -1 : Offset + _weights.Bytes.Length, Inputs, _weights.Outputs, _weights.Bits);

    private static (int[] Codes, float[] Scales) Cut(float[] row)
    {
        var blocks = row.Chunk(32).ToArray();
        return (
            [.. blocks.SelectMany(block => block.Select(value => block.Max(MathF.Abs) == 0 ? 0 : (int)MathF.Round(value * (127 / block.Max(MathF.Abs)))))],
            [.. blocks.Select(block => block.Max(MathF.Abs) / 127)]);
    }
}
