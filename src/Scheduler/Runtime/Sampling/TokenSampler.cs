namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Draws a token from a row of logits. In this order:
/// <list type="number">
/// <item>temperature: logits are divided by it; (nearly) 0 takes the largest, the lowest id among equals;</item>
/// <item>top_k: the k largest stay;</item>
/// <item>top_p: of these, the fewest largest whose softmax adds up to top_p stay;</item>
/// <item>min_p: of these, those at least min_p times as probable as the largest stay;</item>
/// <item>one is drawn by the weights of what stayed.</item>
/// </list>
/// What is drawn depends on the row, the settings and the position, and on nothing else. Allocates nothing; one thread.
/// </summary>
internal sealed class TokenSampler(int vocabularySize)
{
    private const double FirstCut = 1e-3; // most nuclei lie above a thousandth of the most probable token's weight

    private readonly Candidates _candidates = new(vocabularySize);
    private readonly double[] _sums = new double[(vocabularySize + LogitsScan.SumBlock - 1) / LogitsScan.SumBlock];

    /// <summary>Draws the token at <paramref name="position"/> of an answer, overwriting the logits.
    /// False when they are no distribution: not a number, or infinite.</summary>
    public bool TryDraw(Span<float> logits, in DrawSettings settings, int position, out int token)
    {
        if (!LogitsScan.TryMax(logits, out var max, out token)) return false;
        if (settings.IsGreedy) return true;

        var scale = 1 / settings.Temperature;
        var uniform = Philox.Uniform(settings.Seed, settings.Choice, (uint)position);
        if (settings.TopK > 0 && settings.TopK < logits.Length) token = FromLargest(logits, max, scale, settings, uniform);
        else if (settings.TopP < 1 || settings.MinP > 0) token = FromNucleus(logits, max, scale, settings, uniform);
        else token = FromAll(logits, max, scale, uniform);
        return true;
    }

    private int FromLargest(ReadOnlySpan<float> logits, float max, float scale, in DrawSettings settings, double uniform)
    {
        _candidates.TakeLargest(logits, settings.TopK);
        var sum = 0.0;
        for (var rank = 0; rank < _candidates.Count; rank++) sum += Weight(rank, max, scale);
        var kept = Keep(max, scale, settings.TopP * sum, settings.MinP, out var keptSum);
        return Pick(kept, max, scale, uniform * keptSum);
    }

    /// <summary>
    /// Tokens below (1 - top_p) / n of the sum cannot reach 1 - top_p together, so the nucleus lies above; and it nearly always lies
    /// above <see cref="FirstCut"/>, which leaves far fewer to sort.
    /// </summary>
    private int FromNucleus(ReadOnlySpan<float> logits, float max, float scale, in DrawSettings settings, double uniform)
    {
        var sum = settings.TopP < 1 ? LogitsScan.SumExp(logits, max, scale) : double.PositiveInfinity;
        var wanted = settings.TopP * sum;
        var lowest = Math.Max(settings.MinP, settings.TopP < 1 ? (1 - settings.TopP) * sum / logits.Length : 0);
        var cut = Math.Max(FirstCut, lowest);
        while (true)
        {
            // A little below the cut, for rounding: candidates too many do no harm.
            _candidates.TakeAtLeast(logits, (float)(max + (Math.Log(cut) - 1e-3) / scale));
            var kept = Keep(max, scale, wanted, settings.MinP, out var keptSum);
            if (kept < _candidates.Count || keptSum >= wanted || cut <= lowest) return Pick(kept, max, scale, uniform * keptSum);
            cut = lowest;
        }
    }

    private int FromAll(Span<float> logits, float max, float scale, double uniform)
    {
        var target = uniform * LogitsScan.Exponentiate(logits, max, scale, _sums);
        var block = 0;
        while (block < _sums.Length - 1 && target >= _sums[block]) target -= _sums[block++];

        var start = block * LogitsScan.SumBlock;
        var weights = logits.Slice(start, Math.Min(LogitsScan.SumBlock, logits.Length - start));
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            last = i; // where rounding leaves a rest at the end
            target -= weights[i];
            if (target < 0) break;
        }

        return start + last;
    }

    /// <summary>How many of the candidates stay until their weights reach <paramref name="wanted"/> or fall below <paramref name="minP"/>.</summary>
    private int Keep(float max, float scale, double wanted, double minP, out double sum)
    {
        sum = 0;
        var kept = 0;
        while (kept < _candidates.Count && (kept == 0 || sum < wanted))
        {
            var weight = Weight(kept, max, scale);
            if (weight < minP || weight == 0) break;
            sum += weight;
            kept++;
        }

        return kept;
    }

    private int Pick(int kept, float max, float scale, double target)
    {
        for (var rank = 0; rank < kept; rank++)
        {
            target -= Weight(rank, max, scale);
            if (target < 0) return _candidates.Id(rank);
        }

        return _candidates.Id(kept - 1);
    }

    /// <summary>Probability of a candidate relative to the most probable token.</summary>
    private double Weight(int rank, float max, float scale) => Math.Exp(((double)_candidates.Value(rank) - max) * scale);
}
