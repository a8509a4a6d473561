namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Locally typical sampling (Meister, Pimentel, Wiher, Cotterell: Locally Typical Sampling, arXiv 2202.00666, section 4): of the
/// tokens in the order of how far their surprise is from the expected one, the fewest whose probabilities reach a sum stay.
/// Like <see cref="BinnedDraw"/> it counts and weighs in bins of 1/64 nat and sorts only the bin of the cut.
/// </summary>
internal sealed class TypicalFilter(int vocabularySize)
{
    private const int BinsPerNat = 64;
    private const int BinCount = 40 * BinsPerNat; // what is farther away counts as one bin

    private readonly float[] _weights = new float[vocabularySize];
    private readonly float[] _scores = new float[vocabularySize]; // the distance, negative: the nearest is the largest
    private readonly int[] _bins = new int[vocabularySize];
    private readonly double[] _binSums = new double[BinCount];
    private readonly Candidates _candidates = new(vocabularySize);

    /// <summary>Sets the logits of what does not stay to negative infinity. The most probable token need not stay.</summary>
    /// <param name="max">The largest logit.</param>
    public void Apply(Span<float> logits, float max, float temperature, float typicalP)
    {
        var scale = 1 / temperature;
        var total = LogitsScan.Exponentiate(logits, max, scale, _weights);
        Fill(logits, max, scale, Expected(logits, max, scale, total));

        var wanted = typicalP * total;
        var sum = 0.0;
        var bin = 0;
        while (sum + _binSums[bin] < wanted)
        {
            sum += _binSums[bin];
            if (++bin == BinCount) return; // rounding: all are needed
        }

        _candidates.TakeWhere(_scores.AsSpan(0, logits.Length), _bins, bin);
        var rank = 0;
        while (rank < _candidates.Count - 1 && (sum += _weights[_candidates.Id(rank)]) < wanted) rank++;
        var last = _candidates.Key(rank);
        for (var id = 0; id < logits.Length; id++)
        {
            var stays = _bins[id] < bin || (_bins[id] == bin && Candidates.Key(_scores[id], id) >= last);
            if (!stays) logits[id] = float.NegativeInfinity;
        }
    }

    /// <summary>The expected surprise, less that of the most probable token.</summary>
    private double Expected(ReadOnlySpan<float> logits, float max, float scale, double total)
    {
        var sum = 0.0;
        for (var id = 0; id < logits.Length; id++)
        {
            if (_weights[id] > 0) sum += (double)_weights[id] * (max - logits[id]) * scale;
        }

        return sum / total;
    }

    private void Fill(ReadOnlySpan<float> logits, float max, float scale, double expected)
    {
        Array.Clear(_binSums);
        for (var id = 0; id < logits.Length; id++)
        {
            var distance = (float)Math.Abs((max - logits[id]) * scale - expected);
            var bin = (int)Math.Min(distance * BinsPerNat, BinCount - 1);
            _scores[id] = -distance;
            _bins[id] = bin;
            _binSums[bin] += _weights[id];
        }
    }
}
