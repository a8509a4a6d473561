namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Draws from all tokens, or from what top_p and min_p leave of them, and works out the weights of few. A block of tokens weighs at most its
/// length times the weight of its largest. A number is drawn on the blocks laid end to end, each as long as it can weigh; where it falls
/// on what the block does weigh, that gives a token; else the block is as long as it weighs from then on, and another number is drawn
/// (rejection sampling: J. von Neumann, Various Techniques Used in Connection with Random Digits, 1951). A token that top_p does not
/// leave, and all that are less probable, weigh nothing from then on. Whatever was tried before, each token that stays has the part of the
/// length that it weighs, so each is drawn with its share.
/// </summary>
internal sealed class BlockDraw(int vocabularySize)
{
    private const double Margin = 1 + 1e-5; // more than rounding adds to weights and their sums

    private readonly float[] _weights = new float[LogitsScan.MaxBlock];
    private readonly float[] _largest = new float[LogitsScan.MaxBlockCount(vocabularySize)];
    private readonly double[] _lengths = new double[LogitsScan.MaxBlockCount(vocabularySize)];

    /// <summary>The settings' top_k is off.</summary>
    /// <param name="maxima">The largest of each <see cref="LogitsScan.MaxBlock"/> logits.</param>
    /// <param name="max">The largest of all.</param>
    public int Draw(ReadOnlySpan<float> logits, ReadOnlySpan<float> maxima, float max, in DrawSettings settings, int position)
    {
        var row = new Row(logits, maxima, max, 1 / settings.Temperature);
        Begin(row, settings.MinP);
        double? total = null;
        var cut = Cut.None;
        for (var attempt = 0u; ; attempt++)
        {
            var block = WeightLine.Find<double>(_lengths, settings.Uniform(position, attempt) * Total(), out var rest);
            var weight = Weigh(row, block, cut, settings.MinP);
            if (rest >= weight)
            {
                _lengths[block] = weight;
                continue;
            }

            var token = block * LogitsScan.MaxBlock + WeightLine.Find<float>(_weights.AsSpan(0, row.Block(block).Length), rest, out _);
            if (settings.TopP >= 1) return token;
            cut = new Cut(logits[token], token);
            var before = Before(row, cut, out var seen);
            if (before == 0 || before < settings.TopP * (total ?? seen)) return token;
            total ??= seen + Unseen(row, cut);
            if (before < settings.TopP * total) return token;
        }
    }

    /// <summary>Makes the blocks as long as they can weigh.</summary>
    private void Begin(in Row row, float minP)
    {
        LogitsScan.Exponentiate(row.Maxima, row.Max, row.Scale, _largest);
        for (var block = 0; block < _largest.Length; block++)
            _lengths[block] = _largest[block] < minP ? 0 : row.Block(block).Length * Margin * _largest[block];
    }

    private double Total()
    {
        var total = 0.0;
        foreach (var length in _lengths) total += length;
        return total;
    }

    /// <summary>Works out the weights of a block, zero for what does not stay. Returns their sum.</summary>
    private double Weigh(in Row row, int block, Cut cut, float minP)
    {
        var values = row.Block(block);
        var sum = LogitsScan.Exponentiate(values, row.Max, row.Scale, _weights);
        return cut == Cut.None && minP <= 0 ? sum : cut.Keep(values, block * LogitsScan.MaxBlock, minP, _weights);
    }

    /// <summary>The weight of all tokens before the cut.</summary>
    /// <param name="seen">The weight of all tokens of the blocks that any of them could be in.</param>
    private static double Before(in Row row, Cut cut, out double seen)
    {
        var before = 0.0;
        seen = 0;
        for (var block = 0; block < row.Maxima.Length; block++)
        {
            if (row.Maxima[block] < cut.Value) continue;
            var values = row.Block(block);
            var lower = cut.Before(block * LogitsScan.MaxBlock, values.Length);
            before += LogitsScan.SumExpOf(values[..lower], cut.Value, row.Max, row.Scale, out var all);
            before += LogitsScan.SumExpOf(values[lower..], cut.ValueFromEnd, row.Max, row.Scale, out var others);
            seen += all + others;
        }

        return before;
    }

    /// <summary>The weight of all other blocks.</summary>
    private static double Unseen(in Row row, Cut cut)
    {
        var sum = 0.0;
        for (var block = 0; block < row.Maxima.Length; block++)
        {
            if (row.Maxima[block] < cut.Value) sum += LogitsScan.SumExp(row.Block(block), row.Max, row.Scale);
        }

        return sum;
    }

    private readonly ref struct Row(ReadOnlySpan<float> logits, ReadOnlySpan<float> maxima, float max, float scale)
    {
        public ReadOnlySpan<float> Logits { get; } = logits;

        public ReadOnlySpan<float> Maxima { get; } = maxima;

        public float Max { get; } = max;

        public float Scale { get; } = scale;

        public ReadOnlySpan<float> Block(int block)
        {
            var start = block * LogitsScan.MaxBlock;
            return Logits.Slice(start, Math.Min(LogitsScan.MaxBlock, Logits.Length - start));
        }
    }
}
