using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Linear;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>What the operators of one engine's graph work with. Linear layers only where the model's format is ours.</summary>
internal sealed record OwnParts(RaggedAttention Attention, LinearLayers? Linears);
