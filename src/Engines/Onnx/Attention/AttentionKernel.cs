using System.Runtime.Intrinsics;

namespace StreamCore.Engines.Onnx.Attention;

/// <summary>
/// The arithmetic of causal attention over a paged cache, for one tile of queries and one key/value head at a time.
/// A row's result depends on its own query and on the keys and values up to its own position, in an order of operations that
/// depends on that position alone: not on the tile it is in, the step, or the threads. Every row is computed one segment of its context
/// at a time, and the segments' parts are merged in order (<see cref="PartialRows"/>), whether one thread does them all or each another.
/// </summary>
internal abstract unsafe class AttentionKernel
{
    /// <summary>
    /// Scores that far below a row's greatest weigh nothing. Denormal weights would: they slow some processors down, and threads may
    /// differ in whether they take them for zero.
    /// </summary>
    internal const float LeastExponent = -87f;

    /// <summary>
    /// Keys of a segment; a row's segments begin at multiples of it. So many are work enough for some tens of microseconds, beside which taking it
    /// and merging it cost nothing, and sixteen rows of their scores stay in the second cache level.
    /// </summary>
    internal const int SegmentTokens = 1024;

    /// <summary>Floats from one row of scores to the next: no power of two, for rows that far apart would share few lines of the first cache level.</summary>
    private protected const int MaxStride = SegmentTokens + PagedKvCache.BlockTokens;

    /// <summary>Most rows (tokens times query heads of a group) of a tile with more than one token.</summary>
    private const int TileRows = 16;

    protected AttentionKernel(AttentionShape shape, RotaryTable rotary)
    {
        Shape = shape;
        Rotary = rotary;
        TileTokens = Math.Max(1, TileRows / shape.GroupSize);
    }

    public AttentionShape Shape { get; }

    /// <summary>Most tokens in a tile.</summary>
    public int TileTokens { get; }

    /// <summary>Floats of a part of a context: the rows of one token and one key/value head.</summary>
    public int PartLength => PartialRows.Length(Shape.GroupSize, Shape.HeadSize);

    private protected RotaryTable Rotary { get; }

    private protected int MaxRows => TileTokens * Shape.GroupSize;

    /// <summary>Floats of scratch that one worker needs: scores and queries of a tile, its merged segments, and the one that comes next.</summary>
    public int ScratchLength => MaxRows * (MaxStride + Shape.HeadSize) + 2 * PartialRows.Length(MaxRows, Shape.HeadSize);

    /// <summary>Writes the tile's keys (rotated) and values of one head to the cache.</summary>
    public abstract void Append(in LayerCall call, in QueryTile tile, int kvHead);

    /// <summary>
    /// Computes the tile's output for the query heads of one key/value head, or of a tile that is one segment of its context, the partial rows;
    /// the keys and values are in the cache.
    /// </summary>
    public abstract void Attend(in LayerCall call, in QueryTile tile, int kvHead, float* scratch);

    /// <summary>Merges the parts of a token's context, when all are computed, and writes its output.</summary>
    public void Finish(in LayerCall call, in QueryTile tile, int kvHead)
    {
        var whole = Part(call, tile, kvHead, 0);
        for (var segment = 1; segment < SegmentsAt(tile.Position); segment++) whole.Merge(Part(call, tile, kvHead, segment), 0);
        whole.Write(call, tile, kvHead, Shape);
    }

    /// <summary>How many segments a token at this position sees.</summary>
    public static int SegmentsAt(int position) => position / SegmentTokens + 1;

    /// <summary>The widest vectors that the processor has and the head size is a multiple of.</summary>
    public static int BestWidth(int headSize) =>
        Vector512.IsHardwareAccelerated && headSize % 16 == 0 ? 16 :
        Vector256.IsHardwareAccelerated && headSize % 8 == 0 ? 8 :
        Vector128.IsHardwareAccelerated && headSize % 4 == 0 ? 4 : 1;

    /// <summary>The kernel with vectors of <paramref name="width"/> floats: 16, 8, 4 or 1. All of them work on every machine, if slowly.</summary>
    public static AttentionKernel Create(AttentionShape shape, RotaryTable rotary, KvCacheType type, int width) => (width, type) switch
    {
        (16, KvCacheType.BFloat16) => new VectorKernel<Lanes16, Vector512<float>, ushort>(shape, rotary),
        (16, _) => new VectorKernel<Lanes16, Vector512<float>, float>(shape, rotary),
        (8, KvCacheType.BFloat16) => new VectorKernel<Lanes8, Vector256<float>, ushort>(shape, rotary),
        (8, _) => new VectorKernel<Lanes8, Vector256<float>, float>(shape, rotary),
        (4, KvCacheType.BFloat16) => new VectorKernel<Lanes4, Vector128<float>, ushort>(shape, rotary),
        (4, _) => new VectorKernel<Lanes4, Vector128<float>, float>(shape, rotary),
        (1, KvCacheType.BFloat16) => new VectorKernel<Lanes1, float, ushort>(shape, rotary),
        (1, _) => new VectorKernel<Lanes1, float, float>(shape, rotary),
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "not a width of the kernel"),
    };

    private protected PartialRows Part(in LayerCall call, in QueryTile tile, int kvHead, int segment) =>
        new(call.Parts + ((long)(tile.FirstPart + segment) * Shape.KvHeadCount + kvHead) * PartLength, Shape.GroupSize, Shape.HeadSize);

    private protected static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
