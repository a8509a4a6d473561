namespace StreamCore.Engines.Onnx.Attention;

/// <summary>What one run of the op works on: valid while it runs.</summary>
internal unsafe struct LayerCall
{
    /// <summary>[tokens][<see cref="AttentionShape.InputWidth"/>], not changed.</summary>
    public float* Input;

    /// <summary>[tokens][<see cref="AttentionShape.OutputWidth"/>].</summary>
    public float* Output;

    /// <summary>The layer's part of the cache.</summary>
    public byte* Keys;

    public byte* Values;

    /// <summary>The step's block tables, one after the other.</summary>
    public int* Blocks;

    /// <summary>[parts of contexts][key/value heads][<see cref="AttentionKernel.PartLength"/>]: where tiles of one segment leave their rows.</summary>
    public float* Parts;
}
