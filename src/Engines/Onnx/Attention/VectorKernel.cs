using System.Runtime.CompilerServices;

namespace StreamCore.Engines.Onnx.Attention;

/// <summary>The kernel for one vector width and one type of cached number.</summary>
internal sealed unsafe class VectorKernel<TLanes, TVector, TElement>(AttentionShape shape, RotaryTable rotary)
    : AttentionKernel(shape, rotary)
    where TLanes : struct, ILanes<TVector>
    where TVector : unmanaged
    where TElement : unmanaged
{
    private const int BlockTokens = PagedKvCache.BlockTokens;

    /// <summary>Keys that all register tiles pass before the next ones are fetched: their cached form stays in the first cache level.</summary>
    private const int KeysInFlight = 16 * BlockTokens;

    private readonly int _headSize = shape.HeadSize;
    private readonly int _blockSize = BlockTokens * shape.HeadSize;
    private readonly int _kvHeadCount = shape.KvHeadCount;
    private readonly float _scale = 1f / MathF.Sqrt(shape.HeadSize);

    public override void Append(in LayerCall call, in QueryTile tile, int kvHead)
    {
        var rotated = stackalloc float[_headSize];
        for (var t = 0; t < tile.TokenCount; t++)
        {
            var position = tile.Position + t;
            var key = call.Input + (long)(tile.Row + t) * Shape.InputWidth + (Shape.HeadCount + kvHead) * _headSize;
            var value = key + _kvHeadCount * _headSize;
            var block = BlockOffset(call.Blocks[tile.FirstBlock + position / BlockTokens], kvHead);
            var slot = position % BlockTokens;
            Rotary.Rotate<TLanes, TVector>(key, rotated, position, 1f);
            var keys = (TElement*)call.Keys + block + slot;
            var values = (TElement*)call.Values + block + slot * _headSize;
            for (var d = 0; d < _headSize; d++)
            {
                keys[d * BlockTokens] = Element(rotated[d]);
                values[d] = Element(value[d]);
            }
        }
    }

    /// <summary>The queries, rotated and scaled; then the segments one after the other, each but the first merged into what is there.</summary>
    public override void Attend(in LayerCall call, in QueryTile tile, int kvHead, float* scratch)
    {
        var group = Shape.GroupSize;
        var rows = tile.TokenCount * group;
        var last = tile.Position + tile.TokenCount - 1;

        // Scores first: their rows are read by whole vectors, so they keep the scratch's alignment.
        var stride = Math.Min(RoundUp(last + 1, BlockTokens), MaxStride);
        var queries = scratch + (long)rows * stride;
        var work = new Work
        {
            Scores = scratch,
            Stride = stride,
            Queries = queries,
            Keys = (TElement*)call.Keys + BlockOffset(0, kvHead),
            Values = (TElement*)call.Values + BlockOffset(0, kvHead),
        };
        for (var row = 0; row < rows; row++)
        {
            var head = kvHead * group + row % group;
            var query = call.Input + (long)(tile.Row + row / group) * Shape.InputWidth + head * _headSize;
            Rotary.Rotate<TLanes, TVector>(query, queries + row * _headSize, tile.Position + row / group, _scale);
        }

        if (tile.Segment != QueryTile.WholeContext)
        {
            AttendSegment(call, tile, tile.Segment, work, Part(call, tile, kvHead, tile.Segment));
            return;
        }
        var whole = new PartialRows(queries + rows * _headSize, rows, _headSize);
        AttendSegment(call, tile, 0, work, whole);
        var next = new PartialRows(queries + rows * _headSize + PartialRows.Length(rows, _headSize), rows, _headSize);
        for (var segment = 1; segment < SegmentsAt(last); segment++)
            whole.Merge(next, AttendSegment(call, tile, segment, work, next));
        whole.Write(call, tile, kvHead, Shape);
    }

    /// <summary>
    /// 1 the queries' scores against every key of the segment; 2 each row's softmax over the keys it sees; 3 the weighted values, first of the keys
    /// that all rows see, then of those only later tokens see. Gives the first row that sees the segment; those before it are left as they are.
    /// </summary>
    private int AttendSegment(in LayerCall call, in QueryTile tile, int segment, Work work, in PartialRows part)
    {
        var group = Shape.GroupSize;
        var from = segment * SegmentTokens;
        var firstToken = Math.Max(0, from - tile.Position);
        var firstRow = firstToken * group;
        var rows = tile.TokenCount * group - firstRow;
        work.Blocks = call.Blocks + tile.FirstBlock + from / BlockTokens;
        work.Sums = part.Sums;

        var seenByLast = Seen(tile, tile.TokenCount - 1);
        for (var key = 0; key < seenByLast; key += KeysInFlight)
            ForRows(Phase.Score, work, firstRow, rows, key, Math.Min(key + KeysInFlight, seenByLast));

        for (var row = firstRow; row < firstRow + rows; row++)
            part.Totals[row] = Softmax(work.Scores + (long)row * work.Stride, Seen(tile, row / group), out part.Greatest[row]);

        new Span<float>(work.Sums + firstRow * _headSize, rows * _headSize).Clear();
        var seenByAll = Seen(tile, firstToken);
        for (var key = 0; key < seenByAll; key += KeysInFlight)
            ForRows(Phase.Add, work, firstRow, rows, key, Math.Min(key + KeysInFlight, seenByAll));
        for (var t = firstToken + 1; t < tile.TokenCount && seenByAll < SegmentTokens; t++)
            ForRows(Phase.Add, work, t * group, group, seenByAll, Seen(tile, t));
        return firstRow;

        int Seen(in QueryTile tile, int token) => Math.Min(SegmentTokens, tile.Position + token + 1 - from);
    }

    /// <summary>Runs a phase over rows in register tiles of at most eight, as equal as they can be.</summary>
    private void ForRows(Phase phase, in Work work, int firstRow, int rows, int fromKey, int toKey)
    {
        const int most = 8;
        for (var tiles = (rows + most - 1) / most; tiles > 0; tiles--)
        {
            var count = (rows + tiles - 1) / tiles;
            var step = new RowStep(phase, firstRow, fromKey, toKey);
            switch (count)
            {
                case 1: Run<Rows1>(work, step); break;
                case 2: Run<Rows2>(work, step); break;
                case 3: Run<Rows3>(work, step); break;
                case 4: Run<Rows4>(work, step); break;
                case 5: Run<Rows5>(work, step); break;
                case 6: Run<Rows6>(work, step); break;
                case 7: Run<Rows7>(work, step); break;
                default: Run<Rows8>(work, step); break;
            }
            firstRow += count;
            rows -= count;
        }
    }

    private void Run<TRows>(in Work work, in RowStep step) where TRows : struct, IRows
    {
        if (step.Phase == Phase.Score)
        {
            Score<TRows>(work, step);
            return;
        }
        // Two vectors of a value at a time where there are registers for them: a cache line of bfloat16 is then used whole.
        var d = 0;
        if (TLanes.Count == 16)
            for (; d + 2 * TLanes.Count <= _headSize; d += 2 * TLanes.Count) Add<TRows, Rows2>(work, step, d);
        for (; d < _headSize; d += TLanes.Count) Add<TRows, Rows1>(work, step, d);
    }

    /// <summary>Sixteen keys at a time: each of their numbers is loaded once and multiplied into every row of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score<TRows>(in Work work, in RowStep step) where TRows : struct, IRows
    {
        var size = _headSize;
        float* q0 = work.Queries + step.FirstRow * size, q1 = q0 + size, q2 = q1 + size, q3 = q2 + size, q4 = q3 + size, q5 = q4 + size, q6 = q5 + size, q7 = q6 + size;
        for (var key = step.FromKey; key < step.ToKey; key += BlockTokens)
        {
            var block = work.Keys + BlockOffset(work.Blocks[key / BlockTokens], 0);
            for (var lane = 0; lane < BlockTokens; lane += TLanes.Count)
            {
                TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
                var k = block + lane;
                for (var d = 0; d < size; d++, k += BlockTokens)
                {
                    var x = Load(k);
                    s0 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q0[d]), s0);
                    if (TRows.Count > 1) s1 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q1[d]), s1);
                    if (TRows.Count > 2) s2 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q2[d]), s2);
                    if (TRows.Count > 3) s3 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q3[d]), s3);
                    if (TRows.Count > 4) s4 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q4[d]), s4);
                    if (TRows.Count > 5) s5 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q5[d]), s5);
                    if (TRows.Count > 6) s6 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q6[d]), s6);
                    if (TRows.Count > 7) s7 = TLanes.MultiplyAdd(x, TLanes.Broadcast(q7[d]), s7);
                }

                var scores = work.Scores + (long)step.FirstRow * work.Stride + key + lane;
                TLanes.Store(s0, scores);
                if (TRows.Count > 1) TLanes.Store(s1, scores + work.Stride);
                if (TRows.Count > 2) TLanes.Store(s2, scores + 2 * work.Stride);
                if (TRows.Count > 3) TLanes.Store(s3, scores + 3 * work.Stride);
                if (TRows.Count > 4) TLanes.Store(s4, scores + 4 * work.Stride);
                if (TRows.Count > 5) TLanes.Store(s5, scores + 5 * work.Stride);
                if (TRows.Count > 6) TLanes.Store(s6, scores + 6 * work.Stride);
                if (TRows.Count > 7) TLanes.Store(s7, scores + 7 * work.Stride);
            }
        }
    }

    /// <summary>Adds weighted values to the sums of every row of the tile, in the order of the keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add<TRows, TColumns>(in Work work, in RowStep step, int d)
        where TRows : struct, IRows
        where TColumns : struct, IRows
    {
        var size = _headSize;
        float* w0 = work.Scores + (long)step.FirstRow * work.Stride, w1 = w0 + work.Stride, w2 = w1 + work.Stride, w3 = w2 + work.Stride, w4 = w3 + work.Stride, w5 = w4 + work.Stride, w6 = w5 + work.Stride, w7 = w6 + work.Stride;
        var sums = work.Sums + step.FirstRow * size + d;
        TVector a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        TVector b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        Fetch<TColumns>(sums, ref a0, ref b0);
        if (TRows.Count > 1) Fetch<TColumns>(sums + 1 * size, ref a1, ref b1);
        if (TRows.Count > 2) Fetch<TColumns>(sums + 2 * size, ref a2, ref b2);
        if (TRows.Count > 3) Fetch<TColumns>(sums + 3 * size, ref a3, ref b3);
        if (TRows.Count > 4) Fetch<TColumns>(sums + 4 * size, ref a4, ref b4);
        if (TRows.Count > 5) Fetch<TColumns>(sums + 5 * size, ref a5, ref b5);
        if (TRows.Count > 6) Fetch<TColumns>(sums + 6 * size, ref a6, ref b6);
        if (TRows.Count > 7) Fetch<TColumns>(sums + 7 * size, ref a7, ref b7);
        for (var key = step.FromKey; key < step.ToKey;)
        {
            var end = Math.Min(step.ToKey, (key / BlockTokens + 1) * BlockTokens);
            var value = work.Values + BlockOffset(work.Blocks[key / BlockTokens], 0) + key % BlockTokens * size + d;
            for (; key < end; key++, value += size)
            {
                var x = Load(value);
                var y = TColumns.Count > 1 ? Load(value + TLanes.Count) : default;
                MultiplyAdd<TColumns>(x, y, w0[key], ref a0, ref b0);
                if (TRows.Count > 1) MultiplyAdd<TColumns>(x, y, w1[key], ref a1, ref b1);
                if (TRows.Count > 2) MultiplyAdd<TColumns>(x, y, w2[key], ref a2, ref b2);
                if (TRows.Count > 3) MultiplyAdd<TColumns>(x, y, w3[key], ref a3, ref b3);
                if (TRows.Count > 4) MultiplyAdd<TColumns>(x, y, w4[key], ref a4, ref b4);
                if (TRows.Count > 5) MultiplyAdd<TColumns>(x, y, w5[key], ref a5, ref b5);
                if (TRows.Count > 6) MultiplyAdd<TColumns>(x, y, w6[key], ref a6, ref b6);
                if (TRows.Count > 7) MultiplyAdd<TColumns>(x, y, w7[key], ref a7, ref b7);
            }
        }

        Keep<TColumns>(sums, a0, b0);
        if (TRows.Count > 1) Keep<TColumns>(sums + 1 * size, a1, b1);
        if (TRows.Count > 2) Keep<TColumns>(sums + 2 * size, a2, b2);
        if (TRows.Count > 3) Keep<TColumns>(sums + 3 * size, a3, b3);
        if (TRows.Count > 4) Keep<TColumns>(sums + 4 * size, a4, b4);
        if (TRows.Count > 5) Keep<TColumns>(sums + 5 * size, a5, b5);
        if (TRows.Count > 6) Keep<TColumns>(sums + 6 * size, a6, b6);
        if (TRows.Count > 7) Keep<TColumns>(sums + 7 * size, a7, b7);
    }

    /// <summary>Turns a row's scores into weights, that of the greatest 1, and gives their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Softmax(float* scores, int length, out float greatest)
    {
        var padded = RoundUp(length, BlockTokens);
        for (var i = length; i < padded; i++) scores[i] = float.NegativeInfinity;

        var max = TLanes.Load(scores);
        for (var i = TLanes.Count; i < padded; i += TLanes.Count) max = TLanes.Max(max, TLanes.Load(scores + i));
        greatest = TLanes.MaxOf(max);
        var subtrahend = TLanes.Broadcast(greatest);

        var sum = TLanes.Broadcast(0f);
        for (var i = 0; i < padded; i += TLanes.Count)
        {
            var weight = TLanes.Exp(TLanes.Subtract(TLanes.Load(scores + i), subtrahend));
            TLanes.Store(weight, scores + i);
            sum = TLanes.Add(sum, weight);
        }
        return TLanes.SumOf(sum);
    }

    private long BlockOffset(int block, int kvHead) => ((long)block * _kvHeadCount + kvHead) * _blockSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(TElement* source) =>
        typeof(TElement) == typeof(float) ? TLanes.Load((float*)source) : TLanes.LoadBFloat16((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TElement Element(float value)
    {
        if (typeof(TElement) == typeof(float)) return Unsafe.BitCast<float, TElement>(value);
        return Unsafe.BitCast<ushort, TElement>(BFloat16.FromSingle(value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch<TColumns>(float* sums, ref TVector a, ref TVector b) where TColumns : struct, IRows
    {
        a = TLanes.Load(sums);
        if (TColumns.Count > 1) b = TLanes.Load(sums + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TColumns>(float* sums, TVector a, TVector b) where TColumns : struct, IRows
    {
        TLanes.Store(a, sums);
        if (TColumns.Count > 1) TLanes.Store(b, sums + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd<TColumns>(TVector x, TVector y, float weight, ref TVector a, ref TVector b)
        where TColumns : struct, IRows
    {
        var factor = TLanes.Broadcast(weight);
        a = TLanes.MultiplyAdd(x, factor, a);
        if (TColumns.Count > 1) b = TLanes.MultiplyAdd(y, factor, b);
    }

    private enum Phase
    {
        Score,
        Add,
    }

    /// <summary>A phase over keys from (a multiple of 16 when scoring) to, for a register tile that starts at a row.</summary>
    private readonly record struct RowStep(Phase Phase, int FirstRow, int FromKey, int ToKey);

    /// <summary>Where a tile's parts lie: its scratch, its key/value head's part of block 0, and a segment's blocks and sums.</summary>
    private struct Work
    {
        public float* Scores;
        public int Stride;
        public float* Queries;
        public float* Sums;
        public TElement* Keys;
        public TElement* Values;
        public int* Blocks;
    }
}
