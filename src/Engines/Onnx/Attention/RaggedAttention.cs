using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx.Attention;

/// <summary>
/// The attention of one engine: told the step once, then run by the op for each layer. It owns the order of work:
/// all keys and values of prompt chunks are written before anything is read; a sequence's single new token is written by whoever reads it.
/// A single token with a long context is a tile for each of its segments; whoever finishes the last one merges them.
/// One step and one layer at a time; <see cref="Work"/> is called by many threads.
/// </summary>
internal sealed unsafe class RaggedAttention : IParallelWork, IDisposable
{
    private readonly PagedKvCache _cache;
    private readonly AttentionKernel _kernel;
    private readonly int _workerCount;
    private readonly NativeBuffer<float>[] _scratch;

    private NativeBuffer<int> _blocks = new(256);
    private QueryTile[] _tiles = new QueryTile[64];
    private int _tileCount, _chunkTiles, _tokenCount;

    private NativeBuffer<float> _parts = new(0);
    private int _partCount;

    // Of the layer that runs now.
    private LayerCall _call;
    private bool _appending;
    private int _taken;

    /// <summary>How many of a token's segments are done, for each key/value head; at the place of its first part.</summary>
    private int[] _segmentsDone = [];
    private Exception? _failure;

    /// <summary>Works on at most <paramref name="workerCount"/> threads at once. The cache stays its owner's.</summary>
    public RaggedAttention(PagedKvCache cache, AttentionKernel kernel, int workerCount)
    {
        _cache = cache;
        _kernel = kernel;
        _workerCount = workerCount;
        _scratch = [.. Enumerable.Range(0, workerCount).Select(_ => new NativeBuffer<float>(kernel.ScratchLength))];
    }

    public AttentionShape Shape => _kernel.Shape;

    public int LayerCount => _cache.LayerCount;

    /// <summary>Rows of the op's input in this step.</summary>
    public int Rows { get; private set; }

    /// <summary>
    /// Lays out the work of a step. The op will see <paramref name="rows"/> rows, the step's tokens first;
    /// what is beyond them belongs to no sequence and its output is zero.
    /// </summary>
    public void Begin(RaggedStep step, int rows)
    {
        Rows = rows;
        _tokenCount = step.Tokens.Length;
        _blocks = NativeBuffer<int>.AtLeast(_blocks, step.Blocks.Length);
        step.Blocks.CopyTo(_blocks.Slice(0, step.Blocks.Length));
        _tileCount = _partCount = 0;
        foreach (var run in step.Runs)
            if (run.TokenCount > 1) AddChunk(run);
        _chunkTiles = _tileCount;
        foreach (var run in step.Runs)
            if (run.TokenCount == 1) AddToken(run);
        var parts = _partCount * Shape.KvHeadCount;
        _parts = NativeBuffer<float>.AtLeast(_parts, (long)parts * _kernel.PartLength);
        if (_segmentsDone.Length < parts) _segmentsDone = new int[parts * 2];
    }

    /// <summary>
    /// Runs one layer over the step: <paramref name="input"/> is [<see cref="Rows"/>][<see cref="AttentionShape.InputWidth"/>],
    /// <paramref name="output"/> [<see cref="Rows"/>][<see cref="AttentionShape.OutputWidth"/>].
    /// </summary>
    public void Run<TWorkers>(int layer, float* input, float* output, TWorkers workers) where TWorkers : struct, IWorkers
    {
        _call = new LayerCall
        {
            Input = input,
            Output = output,
            Keys = _cache.Keys(layer),
            Values = _cache.Values(layer),
            Blocks = _blocks.Pointer,
            Parts = _parts.Pointer,
        };
        Array.Clear(_segmentsDone, 0, _partCount * Shape.KvHeadCount);
        RunPhase(true, _chunkTiles, workers);
        RunPhase(false, _tileCount, workers);
        var width = Shape.OutputWidth;
        new Span<float>(output + (long)_tokenCount * width, (Rows - _tokenCount) * width).Clear();
    }

    /// <summary>Takes pieces of the phase that runs now until none is left. Never throws: the run does, when all have come back.</summary>
    public void Work(int worker)
    {
        try
        {
            var count = (_appending ? _chunkTiles : _tileCount) * Shape.KvHeadCount;
            for (var item = Take(); item < count; item = Take())
            {
                ref readonly var tile = ref _tiles[item / Shape.KvHeadCount];
                var head = item % Shape.KvHeadCount;
                if (_appending || tile.AppendsOwn) _kernel.Append(_call, tile, head);
                if (_appending) continue;
                _kernel.Attend(_call, tile, head, _scratch[worker].Pointer);
                if (tile.Segment != QueryTile.WholeContext && IsLast(tile, head)) _kernel.Finish(_call, tile, head);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }

        int Take() => Interlocked.Increment(ref _taken) - 1;

        bool IsLast(in QueryTile tile, int head) =>
            Interlocked.Increment(ref _segmentsDone[tile.FirstPart * Shape.KvHeadCount + head]) == AttentionKernel.SegmentsAt(tile.Position);
    }

    public void Dispose()
    {
        _blocks.Dispose();
        _parts.Dispose();
        foreach (var buffer in _scratch) buffer.Dispose();
    }

    private void RunPhase<TWorkers>(bool appending, int tiles, TWorkers workers) where TWorkers : struct, IWorkers
    {
        var items = tiles * Shape.KvHeadCount;
        if (items == 0) return;
        _appending = appending;
        _taken = 0;
        _failure = null;
        workers.Run(this, Math.Min(items, _workerCount));
        if (_failure is not null) throw new InvalidOperationException("attention failed", _failure);
    }

    private void AddChunk(SequenceRun run)
    {
        for (var t = 0; t < run.TokenCount; t += _kernel.TileTokens)
        {
            var count = Math.Min(_kernel.TileTokens, run.TokenCount - t);
            Add(new QueryTile(run.FirstToken + t, count, run.Position + t, run.FirstBlock, AppendsOwn: false));
        }
    }

    private void AddToken(SequenceRun run)
    {
        var tile = new QueryTile(run.FirstToken, 1, run.Position, run.FirstBlock, AppendsOwn: true);
        var segments = AttentionKernel.SegmentsAt(run.Position);
        if (segments == 1)
        {
            Add(tile);
            return;
        }
        for (var segment = 0; segment < segments; segment++)
            Add(tile with { Segment = segment, AppendsOwn = segment == segments - 1, FirstPart = _partCount });
        _partCount += segments;
    }

    private void Add(in QueryTile tile)
    {
        if (_tileCount == _tiles.Length) Array.Resize(ref _tiles, _tileCount * 2);
        _tiles[_tileCount++] = tile;
    }
}
