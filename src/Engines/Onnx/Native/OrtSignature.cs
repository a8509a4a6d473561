namespace StreamCore.Engines.Onnx.Native;

/// <summary>An input or output of a graph; a dimension of any size is -1.</summary>
internal sealed record OrtSignature(string Name, OrtElementType Type, long[] Shape);
