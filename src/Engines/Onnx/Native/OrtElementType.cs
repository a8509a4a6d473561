namespace StreamCore.Engines.Onnx.Native;

/// <summary>The element types used here, by their numbers in ONNX.</summary>
internal enum OrtElementType
{
    Undefined = 0,
    Float = 1,
    Int64 = 7,
}
