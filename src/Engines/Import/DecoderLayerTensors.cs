using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import;

/// <summary>One layer's weights; a bias the model does not have is null.</summary>
internal sealed record DecoderLayerTensors
{
    public required WeightRows AttentionNorm { get; init; }

    /// <summary>Query, key and value, one below the other.</summary>
    public required WeightRows Qkv { get; init; }
    public required WeightRows? QkvBias { get; init; }
    public required WeightRows Output { get; init; }
    public required WeightRows? OutputBias { get; init; }
    public required WeightRows MlpNorm { get; init; }
    public required WeightRows Gate { get; init; }
    public required WeightRows? GateBias { get; init; }
    public required WeightRows Up { get; init; }
    public required WeightRows? UpBias { get; init; }
    public required WeightRows Down { get; init; }
    public required WeightRows? DownBias { get; init; }
}
