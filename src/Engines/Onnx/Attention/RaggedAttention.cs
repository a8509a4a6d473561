using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx.Attention;

/// <summary>
/// The attention of one engine: told the step once, then run by the op for each layer. It owns the order of work:
/// all keys and values of prompt chunks are written before anything is read; a sequence's single new token is written by whoever reads it.
/// One step and one layer at a time; <see cref="Work"/> is called by many threads.
/// </summary>
internal sealed unsafe class RaggedAttention : IParallelWork, IDisposable
{
    private readonly PagedKvCache _cache;
    private readonly AttentionKernel _kernel;
    private readonly int _workerCount;
    private readonly NativeBuffer<float>?[] _scratch;

    private NativeBuffer<int> _blocks = new(256);
    private QueryTile[] _tiles = new QueryTile[64];
    private int _tileCount, _chunkTiles, _tokenCount;

    // Of the layer that runs now.
    private LayerCall _call;
    private bool _appending;
    private int _taken;
    private Exception? _failure;

    /// <summary>Works on at most <paramref name="workerCount"/> threads at once. The cache stays its owner's.</summary>
    public RaggedAttention(PagedKvCache cache, AttentionKernel kernel, int workerCount)
    {
        _cache = cache;
        _kernel = kernel;
        _workerCount = workerCount;
        _scratch = new NativeBuffer<float>?[workerCount];
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
        _tileCount = 0;
        var longest = 0;
        foreach (var run in step.Runs)
        {
            longest = Math.Max(longest, run.Position + run.TokenCount);
            if (run.TokenCount > 1) AddTiles(run);
        }
        _chunkTiles = _tileCount;
        foreach (var run in step.Runs)
            if (run.TokenCount == 1) AddTiles(run);
        for (var i = 0; i < _scratch.Length; i++)
            _scratch[i] = NativeBuffer<float>.AtLeast(_scratch[i], _kernel.ScratchLength(longest));
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
        };
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
                if (_appending || tile.IsWholeRun) _kernel.Append(_call, tile, head);
                if (!_appending) _kernel.Attend(_call, tile, head, _scratch[worker]!.Pointer);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }

        int Take() => Interlocked.Increment(ref _taken) - 1;
    }

    public void Dispose()
    {
        _blocks.Dispose();
        foreach (var buffer in _scratch) buffer?.Dispose();
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

    private void AddTiles(SequenceRun run)
    {
        for (var t = 0; t < run.TokenCount; t += _kernel.TileTokens)
        {
            if (_tileCount == _tiles.Length) Array.Resize(ref _tiles, _tileCount * 2);
            var count = Math.Min(_kernel.TileTokens, run.TokenCount - t);
            _tiles[_tileCount++] = new QueryTile(run.FirstToken + t, count, run.Position + t, run.FirstBlock, run.TokenCount == 1);
        }
    }
}
