namespace StreamCore.Engines.Evaluation;

/// <summary>Adds up one model's rows. Keeps eight bytes for each token, for the percentile.</summary>
internal sealed class EvaluationTally
{
    private readonly List<double> _divergences = [];
    private double _surprise;
    private int _agreements;
    private double _largestDifference;

    /// <summary>Adds what a model and its reference said before <paramref name="token"/> came.</summary>
    public void Add(Distribution reference, Distribution own, int token)
    {
        _surprise -= own.Log(token);
        _divergences.Add(reference.DivergenceOf(own));
        if (own.Top == reference.Top) _agreements++;
        _largestDifference = Math.Max(_largestDifference, reference.LargestDifference(own));
    }

    /// <param name="reference">The reference's tally over the same tokens, at least one.</param>
    public EvaluationFigures Figures(EvaluationTally reference)
    {
        var count = _divergences.Count;
        return new EvaluationFigures
        {
            TokenCount = count,
            Perplexity = Math.Exp(_surprise / count),
            PerplexityRatio = Math.Exp((_surprise - reference._surprise) / count),
            MeanDivergence = _divergences.Sum() / count,
            Divergence99 = _divergences.Order().ElementAt((99 * count + 99) / 100 - 1), // the nearest rank
            TopAgreement = (double)_agreements / count,
            LargestDifference = _largestDifference,
        };
    }
}
