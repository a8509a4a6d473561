namespace StreamCore.Engines.Onnx;

/// <summary>How cached keys and values are stored.</summary>
public enum KvCacheType
{
    /// <summary>Two bytes a value: the top half of a float, rounded to nearest even.</summary>
    BFloat16,

    /// <summary>Four bytes a value, nothing lost; for reference.</summary>
    Float32,
}
