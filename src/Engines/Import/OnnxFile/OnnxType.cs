namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>Element types, with the numbers of ONNX's TensorProto.DataType.</summary>
internal enum OnnxType
{
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int64 = 7,
}
