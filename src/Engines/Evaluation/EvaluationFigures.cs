namespace StreamCore.Engines.Evaluation;

/// <summary>How well a model foretold the tokens of a text, and how far it was from its reference.</summary>
public sealed record EvaluationFigures
{
    /// <summary>Tokens that were foretold and scored.</summary>
    public required int TokenCount { get; init; }

    /// <summary>The exponential of the mean of -log p(token): among so many equally probable tokens the model is in doubt.</summary>
    public required double Perplexity { get; init; }

    /// <summary>To the reference's.</summary>
    public required double PerplexityRatio { get; init; }

    /// <summary>Kullback and Leibler's divergence from the reference, in nats, the mean over the tokens.</summary>
    public required double MeanDivergence { get; init; }

    /// <summary>The divergence that 99 of 100 tokens do not exceed.</summary>
    public required double Divergence99 { get; init; }

    /// <summary>The share of tokens where the most probable one is the reference's.</summary>
    public required double TopAgreement { get; init; }

    /// <summary>The largest difference between the two probabilities of one token, over the whole text.</summary>
    public required double LargestDifference { get; init; }
}
