using StreamCore.Engines.Import.OnnxFile;

namespace StreamCore.Engines.Import.Exported;

/// <summary>What stands between a layer's norm and its output projection.</summary>
/// <param name="Query">All three in one where <paramref name="Key"/> and <paramref name="Value"/> are null.</param>
/// <param name="Node">The operator that attends; null where it is spelled out.</param>
/// <param name="Constants">Floats among which the rotary embedding is found.</param>
internal sealed record ExportedAttention(
    ExportedLinear Query, ExportedLinear? Key, ExportedLinear? Value, GraphNode? Node, IReadOnlyCollection<GraphTensor> Constants);
