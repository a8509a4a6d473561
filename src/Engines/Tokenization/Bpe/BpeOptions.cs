namespace StreamCore.Engines.Tokenization.Bpe;

/// <summary>The settings of a BPE model, as its file gives them.</summary>
internal sealed record BpeOptions
{
    /// <summary>What stands for a character that is not in the vocabulary; null drops it.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Whether a run of unknown characters is one unknown token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether a character that is not in the vocabulary is spelled by its UTF-8 bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is in the vocabulary is that token, whatever the merges give.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>Added to the last character of each word (CLIP's <c>&lt;/w&gt;</c>), or empty.</summary>
    public string EndOfWordSuffix { get; init; } = "";
}
