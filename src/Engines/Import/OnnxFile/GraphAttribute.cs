namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>An attribute of a node that was read: what of it there is.</summary>
internal sealed record GraphAttribute(long Integer, float Float, IReadOnlyList<long> Integers, GraphTensor? Tensor);
