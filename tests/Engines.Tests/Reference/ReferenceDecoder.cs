namespace StreamCore.Engines.Tests.Reference;

/// <summary>
/// The model as its paper has it, in double precision, one token after the other and everything anew for each: slow and obvious.
/// </summary>
/// <param name="activationBlock">How many neighbouring inputs of a linear layer share a scale when they are cut to 8 bits, as the
/// quantised formats do it: 0 for not at all, -1 for the whole row.</param>
internal sealed class ReferenceDecoder(ReferenceShape shape, IReferenceWeights weights, int activationBlock = 0)
{
    private readonly Dictionary<string, double[]?> _weights = [];

    /// <summary>Logits of every position of the sequence.</summary>
    public double[][] Run(ReadOnlySpan<int> tokens)
    {
        var embedding = Weight("embedding.weight")!;
        var x = tokens.ToArray().Select(token => embedding.AsSpan(token * shape.Hidden, shape.Hidden).ToArray()).ToArray();
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var name = $"layers.{layer}";
            var qkv = x.Select(row => Linear($"{name}.qkv", Norm($"{name}.attention_norm", row))).ToArray();
            var mixed = Attention(qkv);
            x = Each(x, mixed, (row, m) => Add(row, Linear($"{name}.attention_output", m)));
            x = [.. x.Select(row => Add(row, Mlp(name, Norm($"{name}.mlp_norm", row))))];
        }
        return [.. x.Select(row => Linear("logits", Norm("norm", row)))];
    }

    private double[] Mlp(string name, double[] x)
    {
        var gate = Linear($"{name}.gate", x);
        var up = Linear($"{name}.up", x);
        return Linear($"{name}.down", [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]);
    }

    /// <summary>Causal attention of each position over itself and all before it; head h uses key and value head h / group.</summary>
    private double[][] Attention(double[][] qkv)
    {
        var (size, group) = (shape.HeadSize, shape.Heads / shape.KvHeads);
        var result = qkv.Select(_ => new double[shape.Heads * size]).ToArray();
        for (var position = 0; position < qkv.Length; position++)
            for (var head = 0; head < shape.Heads; head++)
            {
                var query = Rotate(Head(qkv[position], head), position);
                var scores = new double[position + 1];
                for (var p = 0; p <= position; p++)
                    scores[p] = Dot(query, Rotate(Head(qkv[p], shape.Heads + head / group), p)) / Math.Sqrt(size);
                var top = scores.Max();
                var shares = scores.Select(score => Math.Exp(score - top)).ToArray();
                for (var p = 0; p <= position; p++)
                {
                    var value = Head(qkv[p], shape.Heads + shape.KvHeads + head / group);
                    for (var i = 0; i < size; i++) result[position][head * size + i] += shares[p] / shares.Sum() * value[i];
                }
            }
        return result;

        double[] Head(double[] row, int head) => row.AsSpan(head * size, size).ToArray();
    }

    /// <summary>Turns pair (i, i + half) by position · θ^(-2i/size).</summary>
    private double[] Rotate(double[] head, int position)
    {
        var half = head.Length / 2;
        var rotated = new double[head.Length];
        for (var i = 0; i < half; i++)
        {
            var (sin, cos) = Math.SinCos(position * Math.Pow(shape.RopeTheta, -2.0 * i / head.Length));
            rotated[i] = head[i] * cos - head[i + half] * sin;
            rotated[i + half] = head[i + half] * cos + head[i] * sin;
        }
        return rotated;
    }

    private double[] Norm(string name, double[] x)
    {
        var gain = Weight($"{name}.weight")!;
        var root = Math.Sqrt(x.Sum(value => value * value) / x.Length + shape.NormEpsilon);
        return [.. x.Zip(gain, (value, g) => value / root * g)];
    }

    private double[] Linear(string name, double[] x)
    {
        var weight = Weight($"{name}.weight")!;
        var bias = Weight($"{name}.bias");
        var input = Cut(x);
        var output = new double[weight.Length / x.Length];
        for (var row = 0; row < output.Length; row++)
            output[row] = Dot(weight.AsSpan(row * x.Length, x.Length), input) + (bias?[row] ?? 0);
        return output;
    }

    private double[] Cut(double[] x)
    {
        if (activationBlock == 0) return x;
        var cut = new double[x.Length];
        var size = activationBlock < 0 ? x.Length : activationBlock;
        for (var start = 0; start < x.Length; start += size)
        {
            var end = Math.Min(x.Length, start + size);
            var scale = x[start..end].Max(Math.Abs) / 127;
            for (var i = start; i < end; i++) cut[i] = scale == 0 ? 0 : Math.Round(x[i] / scale) * scale;
        }
        return cut;
    }

    private double[]? Weight(string name)
    {
        if (!_weights.TryGetValue(name, out var weight)) _weights[name] = weight = weights.Find(name);
        return weight;
    }

    private static double[][] Each(double[][] a, double[][] b, Func<double[], double[], double[]> map) => [.. a.Zip(b, map)];

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
