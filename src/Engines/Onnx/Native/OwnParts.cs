using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Linear;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>What the operators of one engine's graph work with.</summary>
/// <param name="Attention">The attention over the engine's cache.</param>
/// <param name="Linears">The linear layers, where the model's format is ours.</param>
/// <param name="Workers">Threads of the engine's own; without them the session's are used.</param>
internal sealed record OwnParts(RaggedAttention Attention, LinearLayers? Linears, StepWorkers? Workers)
{
    /// <summary>The work that the session's threads share now.</summary>
    public IParallelWork? Running { get; set; }
}
