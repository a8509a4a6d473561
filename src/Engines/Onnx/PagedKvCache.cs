using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Native;

namespace StreamCore.Engines.Onnx;

/// <summary>
/// Keys and values of all layers in numbered blocks of <see cref="BlockTokens"/> tokens. In a block, for each key/value head,
/// keys lie as [HeadSize][16] (sixteen keys side by side, to be scored together) and values as [16][HeadSize].
/// A block's memory is touched, and so paid for, when it is first written.
/// </summary>
internal sealed unsafe class PagedKvCache : IDisposable
{
    public const int BlockTokens = 16;

    private readonly NativeBuffer<byte>[] _keys;
    private readonly NativeBuffer<byte>[] _values;

    public PagedKvCache(AttentionShape shape, int layerCount, int blockCount, KvCacheType type)
    {
        Shape = shape;
        Type = type;
        BlockCount = blockCount;
        var layerBytes = BlockBytes(shape, type) * blockCount;
        _keys = [.. Enumerable.Range(0, layerCount).Select(_ => new NativeBuffer<byte>(layerBytes))];
        _values = [.. Enumerable.Range(0, layerCount).Select(_ => new NativeBuffer<byte>(layerBytes))];
    }

    public AttentionShape Shape { get; }

    public KvCacheType Type { get; }

    public int LayerCount => _keys.Length;

    public int BlockCount { get; }

    public byte* Keys(int layer) => _keys[layer].Pointer;

    public byte* Values(int layer) => _values[layer].Pointer;

    /// <summary>Memory that one block takes over all layers, keys and values together.</summary>
    public static long BytesPerBlock(AttentionShape shape, int layerCount, KvCacheType type) =>
        2 * layerCount * BlockBytes(shape, type);

    /// <summary>Sets every byte: a test of what is read before it is written.</summary>
    internal void Fill(byte value)
    {
        foreach (var buffer in _keys.Concat(_values))
            for (long at = 0; at < buffer.Length; at += int.MaxValue)
                buffer.Slice(at, (int)Math.Min(int.MaxValue, buffer.Length - at)).Fill(value);
    }

    public void Dispose()
    {
        foreach (var buffer in _keys.Concat(_values)) buffer.Dispose();
    }

    private static long BlockBytes(AttentionShape shape, KvCacheType type) =>
        (long)shape.KvHeadCount * BlockTokens * shape.HeadSize * (type == KvCacheType.BFloat16 ? 2 : 4);
}
