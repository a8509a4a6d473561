namespace StreamCore.Engines.Import.Safetensors;

/// <summary>Element types that can be read. Others may be in a file, but not in a tensor that is used.</summary>
internal enum SafetensorsType
{
    F32,
    F16,
    BF16,
}
