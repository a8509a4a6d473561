using StreamCore.Engines.Import.Graph;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Linear;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx;

/// <summary>
/// An imported model on ONNX Runtime: one session, one run for each step. The graph's linear layers work on all tokens of the step
/// at once; its attention operator is ours and finds the step and the cache here.
/// </summary>
public sealed class OnnxBatchEngine : IBatchEngine
{
    /// <summary>The step's rows are filled up to a multiple of this, so that each comes out the same in any company
    /// (<see cref="WeightFormats.RowMultipleOf"/>). It costs block-128 models up to a fifth of a single client's speed, and many clients nothing.</summary>
    private readonly int _rowMultiple;

    private readonly PagedKvCache _cache;
    private readonly RotaryTable _rotary;
    private readonly RaggedAttention _attention;
    private readonly LinearLayers? _linears;
    private readonly StepWorkers _workers;
    private readonly long _ticket;
    private int _isDisposed;
    private readonly OrtSession _session;
    private readonly OrtTensor<long> _ids;
    private readonly OrtTensor<long> _rows;
    private readonly OrtTensor<long> _batch;
    private readonly OrtTensor<float> _logits;

    private OnnxBatchEngine(string path, ModelMetadata metadata, WeightFormat format, OnnxOptions options, OrtLibrary library, LinearLayers? linears)
    {
        Metadata = metadata;
        ThreadCount = options.ThreadCount;
        // The session first: it is what may refuse.
        _session = new OrtSession(library, path, options, linears is null ? options.ThreadCount : 1);
        try
        {
            CheckSignature(metadata.VocabularySize);
            Limits = LimitsOf(metadata, options);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
        var shape = ShapeOf(metadata);
        _rotary = new RotaryTable(metadata.Rope.InverseFrequencies, metadata.Rope.AttentionScale, Limits.MaxContextTokens);
        _cache = new PagedKvCache(shape, metadata.LayerCount, Limits.BlockCount, options.CacheType);
        var kernel = AttentionKernel.Create(shape, _rotary, options.CacheType, AttentionKernel.BestWidth(shape.HeadSize));
        _attention = new RaggedAttention(_cache, kernel, options.ThreadCount);
        _linears = linears;
        _workers = new StepWorkers(options.ThreadCount);
        // Where the linear layers are ours, ONNX Runtime has next to nothing to share out; else our operators use its threads.
        _ticket = OwnOps.Open(new OwnParts(_attention, linears, linears is null ? null : _workers));
        _ids = new(library, "input_ids", 1);
        _rows = new(library, "out_rows", 1);
        _batch = new(library, "batch", 1);
        _logits = new(library, "logits", 2);
        _batch.Reshape(1)[0] = _ticket;
        _rowMultiple = WeightFormats.RowMultipleOf(format);
    }

    public ModelMetadata Metadata { get; }

    public BatchEngineLimits Limits { get; }

    /// <summary>Threads that compute a step.</summary>
    public int ThreadCount { get; }

    /// <summary>Finds what can be found without reading the weights: a library or a graph that is missing, a format that is not known.</summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static void Check(string folder, OnnxOptions options)
    {
        OrtLibrary.Load(options.LibraryPath);
        FormatOf(folder, ModelMetadata.Load(folder));
    }

    /// <summary>Loads the model of a folder that the importer made. Takes about a second for each gigabyte of weights.</summary>
    /// <exception cref="ModelFolderException">The folder is not usable; the message is one line that says what to do.</exception>
    /// <exception cref="OrtLibraryException">ONNX Runtime is not there; likewise.</exception>
    public static OnnxBatchEngine Load(string folder, OnnxOptions options)
    {
        var metadata = ModelMetadata.Load(folder);
        var path = Path.Combine(folder, DecoderGraph.ModelFileName);
        var format = FormatOf(folder, metadata);
        LinearLayers? linears = null;
        OnnxBatchEngine? engine = null;
        try
        {
            linears = Linears(folder, format, options);
            engine = new OnnxBatchEngine(path, metadata, format, options, OrtLibrary.Load(options.LibraryPath), linears);
            engine.TryOut();
            return engine;
        }
        catch (Exception error)
        {
            engine?.Dispose();
            linears?.Dispose();
            if (error is not (OrtException or EngineException)) throw;
            throw new ModelFolderException(
                $"'{path}' cannot be loaded: import the model again with 'streamcore import'. ONNX Runtime says: {OneLine(error)}", error);
        }
    }

    public void Run(RaggedStep step)
    {
        StepCheck.Check(step, Limits);
        var tokens = step.Tokens;
        var wanted = step.LogitsRows;

        // Rows beyond the step's are the token 0 in no sequence; wanted rows beyond the step's repeat its first.
        var ids = _ids.Reshape(Padded(tokens.Length));
        ids.Clear();
        for (var i = 0; i < tokens.Length; i++) ids[i] = tokens[i];
        var rows = _rows.Reshape(Padded(wanted.Length));
        rows.Clear();
        for (var i = 0; i < wanted.Length; i++) rows[i] = wanted[i];
        _logits.Reshape(rows.Length, Limits.VocabularySize);
        _attention.Begin(step, ids.Length);
        try
        {
            _session.Run([_ids, _rows, _batch], [_logits]);
        }
        catch (OrtException error)
        {
            throw new EngineException(new EngineFault($"The model's step failed: {OneLine(error)}", MayRetry: false), error);
        }
    }

    public Span<float> Logits(int row) => _logits.Slice((long)row * Limits.VocabularySize, Limits.VocabularySize);

    public int WorkerCount => ThreadCount;

    public void Share(IParallelWork work) => _workers.Run(work, ThreadCount);

    /// <summary>Not while a step runs. May be called again.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _session.Dispose();
        OwnOps.Close(_ticket);
        _workers.Dispose();
        _linears?.Dispose();
        foreach (var part in (IDisposable[])[_ids, _rows, _batch, _logits, _attention, _cache, _rotary]) part.Dispose();
        NativeHeap.Trim();
    }

    /// <summary>What an imported model can take with these options; told without loading it.</summary>
    /// <exception cref="ModelFolderException">The cache is too small.</exception>
    public static BatchEngineLimits LimitsOf(ModelMetadata metadata, OnnxOptions options)
    {
        const int blockTokens = PagedKvCache.BlockTokens;
        var context = options.MaxContextTokens > 0
            ? Math.Min(options.MaxContextTokens, metadata.MaxContextTokens)
            : metadata.MaxContextTokens;
        var blockBytes = BlockBytesOf(metadata, options);
        var wanted = (long)options.MaxSequences * ((context + blockTokens - 1) / blockTokens);
        var blocks = (int)Math.Min(int.MaxValue / blockTokens, Math.Min(wanted, options.CacheBytes / blockBytes));
        if (blocks == 0)
            throw new ModelFolderException(
                $"A cache of {options.CacheBytes} bytes does not hold one block of {blockBytes} for '{metadata.Name}': give it more memory.");
        return new BatchEngineLimits
        {
            VocabularySize = metadata.VocabularySize,
            MaxContextTokens = Math.Min(context, blocks * blockTokens),
            BlockTokens = blockTokens,
            BlockCount = blocks,
            MaxStepTokens = options.MaxStepTokens,
            MaxStepLogits = options.MaxStepLogits,
        };
    }

    internal static long CacheBytesOf(ModelMetadata metadata, BatchEngineLimits limits, OnnxOptions options) =>
        limits.BlockCount * BlockBytesOf(metadata, options);

    private static WeightFormat FormatOf(string folder, ModelMetadata metadata)
    {
        var path = Path.Combine(folder, DecoderGraph.ModelFileName);
        if (!File.Exists(path)) throw new ModelFolderException($"'{path}' is missing: import the model again with 'streamcore import'.");
        return WeightFormats.TryParse(metadata.Weights, out var format) ? format : throw new ModelFolderException(
            $"'{folder}' has weights of the unknown format '{metadata.Weights}': import the model again with 'streamcore import'.");
    }

    private static LinearLayers? Linears(string folder, WeightFormat format, OnnxOptions options)
    {
        if (!WeightFormats.HasPanels(format)) return null;
        var path = Path.Combine(folder, DecoderGraph.DataFileName);
        try
        {
            return new LinearLayers(new WeightMemory(path), LinearKernel.Create(LinearKernel.BestWidth), options.ThreadCount);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException($"'{path}' cannot be read: import the model again with 'streamcore import'. {OneLine(error)}", error);
        }
    }

    /// <summary>Runs one token: where a graph asks for weights that the data file does not hold, it is refused now, not in somebody's request.</summary>
    private void TryOut()
    {
        var step = new RaggedStep();
        step.Add([0], 0, [0], 1);
        Run(step);
    }

    private int Padded(int rows) => (rows + _rowMultiple - 1) / _rowMultiple * _rowMultiple;

    private void CheckSignature(int vocabularySize)
    {
        Require(_session.Inputs, "input_ids", OrtElementType.Int64, -1);
        Require(_session.Inputs, "out_rows", OrtElementType.Int64, -1);
        Require(_session.Inputs, "batch", OrtElementType.Int64, 1);
        Require(_session.Outputs, "logits", OrtElementType.Float, -1, vocabularySize);
        if (_session.Inputs.Count != 3) throw WrongGraph($"{_session.Inputs.Count} inputs instead of 3");
    }

    private static void Require(IReadOnlyList<OrtSignature> signature, string name, OrtElementType type, params long[] shape)
    {
        var found = signature.FirstOrDefault(one => one.Name == name) ?? throw WrongGraph($"no '{name}'");
        if (found.Type != type || !found.Shape.AsSpan().SequenceEqual(shape))
            throw WrongGraph($"'{name}' as {found.Type} [{string.Join(", ", found.Shape)}] instead of {type} [{string.Join(", ", shape)}]");
    }

    private static ModelFolderException WrongGraph(string fault) =>
        new($"{DecoderGraph.ModelFileName} does not fit {ModelMetadata.FileName}, it has {fault}: import the model again with 'streamcore import'.");

    private static long BlockBytesOf(ModelMetadata metadata, OnnxOptions options) =>
        PagedKvCache.BytesPerBlock(ShapeOf(metadata), metadata.LayerCount, options.CacheType);

    private static AttentionShape ShapeOf(ModelMetadata metadata) => new(metadata.HeadCount, metadata.KvHeadCount, metadata.HeadSize);

    private static string OneLine(Exception error) => error.Message.ReplaceLineEndings(" ");
}
