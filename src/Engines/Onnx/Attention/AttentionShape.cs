namespace StreamCore.Engines.Onnx.Attention;

/// <summary>The sizes of one attention layer, alike in all layers of a model.</summary>
internal readonly record struct AttentionShape(int HeadCount, int KvHeadCount, int HeadSize)
{
    /// <summary>Query heads that share one head of keys and values.</summary>
    public int GroupSize => HeadCount / KvHeadCount;

    /// <summary>Floats of one token in the op's input: its queries, then its keys, then its values.</summary>
    public int InputWidth => (HeadCount + 2 * KvHeadCount) * HeadSize;

    /// <summary>Floats of one token in the op's output.</summary>
    public int OutputWidth => HeadCount * HeadSize;
}
