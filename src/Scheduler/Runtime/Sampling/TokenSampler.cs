namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Draws a token from a row of logits. In this order:
/// <list type="number">
/// <item>temperature: logits are divided by it; (nearly) 0 takes the largest, the lowest id among equals;</item>
/// <item>typical_p: the fewest stay whose surprise is nearest to the expected one and whose softmax adds up to typical_p;</item>
/// <item>top_k: of these, the k largest stay;</item>
/// <item>top_p: of these, the fewest largest whose softmax adds up to top_p stay;</item>
/// <item>min_p: of these, those at least min_p times as probable as the largest stay;</item>
/// <item>one is drawn by the weights of what stayed.</item>
/// </list>
/// What is drawn depends on the row, the settings and the position, and on nothing else. Allocates nothing per token; one thread.
/// </summary>
internal sealed class TokenSampler(int vocabularySize)
{
    private const int MostSorted = 2048; // sorting so many takes as long as the bins (0.1 to 0.2 ms)

    private readonly float[] _maxima = new float[LogitsScan.MaxBlockCount(vocabularySize)];
    private readonly Candidates _candidates = new(vocabularySize);
    private readonly BlockDraw _blocks = new(vocabularySize);
    private readonly BinnedDraw _binned = new(vocabularySize);
    private TypicalFilter? _typical; // made at first use: few ask for it

    /// <summary>Draws the token at <paramref name="position"/> of an answer. May overwrite the logits.
    /// False when the logits are no distribution: not a number, or infinite.</summary>
    public bool TryDraw(Span<float> logits, in DrawSettings settings, int position, out int token)
    {
        if (!LogitsScan.TryMax(logits, _maxima, out var max, out token)) return false;
        if (settings.IsGreedy) return true;
        if (settings.TypicalP < 1)
        {
            _typical ??= new TypicalFilter(vocabularySize);
            _typical.Apply(logits, max, settings.Temperature, settings.TypicalP);
            LogitsScan.TryMax(logits, _maxima, out max, out token);
        }

        token = !settings.HasTopK(logits.Length) ? _blocks.Draw(logits, _maxima, max, settings, position)
            : settings.TopK > MostSorted ? _binned.Draw(logits, max, settings, position)
            : DrawSorted(logits, max, settings, position);
        return true;
    }

    /// <summary>Draws from the k largest in order of size.</summary>
    private int DrawSorted(ReadOnlySpan<float> logits, float max, in DrawSettings settings, int position)
    {
        var scale = 1 / settings.Temperature;
        _candidates.TakeLargest(logits, _maxima, settings.TopK);
        var kept = Keep(max, scale, settings.TopP * Sum(max, scale), settings.MinP, out var sum);
        return Pick(kept, max, scale, settings.Uniform(position) * sum);
    }

    private double Sum(float max, float scale)
    {
        var sum = 0.0;
        for (var rank = 0; rank < _candidates.Count; rank++) sum += Weight(rank, max, scale);
        return sum;
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
