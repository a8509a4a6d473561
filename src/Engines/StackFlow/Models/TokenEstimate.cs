namespace StreamCore.Engines.StackFlow.Models;

/// <summary>How tokens are counted where no tokenizer is configured.</summary>
public enum TokenEstimate
{
    /// <summary>A cautious count for text in any language.</summary>
    Typical = 0,

    /// <summary>Never below the true count.</summary>
    Safe,
}
