using StreamCore.Engines.Onnx.Attention;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>Causal attention as the textbook has it: one sequence, no cache, no blocks, in double precision.</summary>
internal static class ReferenceAttention
{
    /// <summary>The output row of a position. With <paramref name="stored"/> keys and values are rounded as the cache rounds them.</summary>
    public static float[] Row(Sequence sequence, int position, AttentionShape shape, Func<float, float> stored)
    {
        var size = shape.HeadSize;
        var result = new float[shape.OutputWidth];
        var tokens = Enumerable.Range(0, position + 1).Select(p => sequence.Token(p, shape)).ToArray();
        for (var head = 0; head < shape.HeadCount; head++)
        {
            var kvHead = head / shape.GroupSize;
            var query = Rotated(tokens[position].AsSpan(head * size, size), position, shape);
            var weights = new double[position + 1];
            for (var p = 0; p <= position; p++)
            {
                var key = Rotated(tokens[p].AsSpan((shape.HeadCount + kvHead) * size, size), p, shape);
                for (var d = 0; d < size; d++) weights[p] += query[d] * stored((float)key[d]);
            }
            var greatest = weights.Max();
            for (var p = 0; p <= position; p++) weights[p] = Math.Exp((weights[p] - greatest) / Math.Sqrt(size));
            var total = weights.Sum();
            for (var d = 0; d < size; d++)
            {
                double sum = 0;
                for (var p = 0; p <= position; p++)
                    sum += weights[p] * stored(tokens[p][(shape.HeadCount + shape.KvHeadCount + kvHead) * size + d]);
                result[head * size + d] = (float)(sum / total);
            }
        }
        return result;
    }

    private static double[] Rotated(ReadOnlySpan<float> head, int position, AttentionShape shape)
    {
        var half = shape.HeadSize / 2;
        var frequencies = AttentionCase.Frequencies(shape);
        var result = new double[shape.HeadSize];
        for (var i = 0; i < half; i++)
        {
            var (sine, cosine) = Math.SinCos(position * frequencies[i]);
            result[i] = head[i] * cosine - head[half + i] * sine;
            result[half + i] = head[half + i] * cosine + head[i] * sine;
        }
        return result;
    }
}
