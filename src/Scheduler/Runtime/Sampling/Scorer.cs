namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Computes logprobs from rows of logits, for the generations that ask for them; others cost nothing. One thread.
/// A row is kept as the model made it until the token drawn from it is known.
/// </summary>
internal sealed class Scorer(int vocabularySize)
{
    private float[] _row = []; // made at first use: few ask
    private readonly float[] _maxima = new float[LogitsScan.MaxBlockCount(vocabularySize)];
    private Candidates? _candidates;
    private double _logSum; // of the row's exponentials

    /// <summary>Takes a row before anything changes it. False when it is no distribution.</summary>
    public bool TryTake(ReadOnlySpan<float> logits)
    {
        if (_row.Length == 0) _row = new float[vocabularySize];
        logits.CopyTo(_row);
        if (!LogitsScan.TryMax(_row, _maxima, out var max, out _)) return false;
        _logSum = max + Math.Log(LogitsScan.SumExp(_row, max, 1));
        return true;
    }

    /// <summary>Adds the token that follows the row taken last.</summary>
    /// <param name="textStart">Bytes of text before the token.</param>
    /// <param name="isTold">False for a token that ends the answer: it counts in the mean only.</param>
    public void Add(LogprobRows rows, int token, int textStart, bool isTold = true)
    {
        rows.AddToMean(Logprob(_row[token]));
        if (!isTold) return;
        var row = rows.Add(textStart);
        row[0] = new TokenLogprob(token, Logprob(_row[token]));
        if (row.Length == 1) return;
        _candidates ??= new Candidates(vocabularySize);
        _candidates.TakeLargest(_row, _maxima, row.Length - 1);
        for (var rank = 0; rank < _candidates.Count; rank++)
            row[1 + rank] = new TokenLogprob(_candidates.Id(rank), Logprob(_candidates.Value(rank)));
    }

    private float Logprob(float logit) => (float)(logit - _logSum);
}
