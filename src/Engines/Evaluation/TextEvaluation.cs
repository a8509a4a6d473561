using StreamCore.Engines.Onnx;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Evaluation;

/// <summary>
/// Lets a model and others made of it read the same text, window by window, and compares what they say of each next token. The windows are
/// those of llama.cpp's perplexity tool, whose figures can so be compared: they follow each other without overlap, each begins anew, and only
/// what is said of its second half counts, so that every token counted has at least half a window before it.
/// </summary>
public sealed class TextEvaluation
{
    /// <summary>The shortest window in which something counts.</summary>
    public const int LeastWindow = 3;

    private readonly IBatchEngine[] _engines; // the reference first
    private readonly EvaluationTally[] _tallies;
    private readonly Distribution _reference;
    private readonly Distribution _own;
    private readonly RaggedStep _step = new();

    /// <param name="engines">The reference first. All have the same vocabulary; they stay the caller's.</param>
    public TextEvaluation(IReadOnlyList<IBatchEngine> engines)
    {
        _engines = [.. engines];
        _tallies = [.. engines.Select(_ => new EvaluationTally())];
        var vocabulary = _engines[0].Limits.VocabularySize;
        (_reference, _own) = (new Distribution(vocabulary), new Distribution(vocabulary));
    }

    /// <summary>How engines for windows of this size are loaded: one sequence at a time, and a cache that rounds nothing, so that only the
    /// weights differ.</summary>
    public static OnnxOptions EngineOptions(int window) => new()
    {
        MaxSequences = 1,
        MaxContextTokens = window,
        CacheBytes = long.MaxValue, // one window's is all that is taken
        CacheType = KvCacheType.Float32,
        MaxStepTokens = 128, // fast, and at a vocabulary of 150,000 the rows of logits take 78 MB
        MaxStepLogits = 128,
    };

    /// <summary>Reads one window, at least <see cref="LeastWindow"/> tokens.</summary>
    /// <exception cref="EngineException">A step failed, or its logits are no distribution.</exception>
    public void Read(ReadOnlySpan<int> window)
    {
        var end = window.Length - 1; // nothing follows the last token
        var most = _engines.Min(engine => Math.Min(engine.Limits.MaxStepTokens, engine.Limits.MaxStepLogits));
        for (var start = 0; start < end; start += most)
        {
            var next = Math.Min(start + most, end);
            var counted = Math.Clamp(next - window.Length / 2, 0, next - start);
            foreach (var engine in _engines) Run(engine, window[..next], start, counted);
            for (var row = 0; row < counted; row++) Score(row, window[next - counted + row + 1]);
        }
    }

    /// <summary>The figures of each engine over what was read so far, the reference's among them.</summary>
    public IReadOnlyList<EvaluationFigures> Figures() => [.. _tallies.Select(tally => tally.Figures(_tallies[0]))];

    private void Run(IBatchEngine engine, ReadOnlySpan<int> read, int start, int counted)
    {
        var blocks = (read.Length + engine.Limits.BlockTokens - 1) / engine.Limits.BlockTokens;
        _step.Clear();
        _step.Add(read[start..], start, [.. Enumerable.Range(0, blocks)], counted);
        engine.Run(_step);
    }

    private void Score(int row, int token)
    {
        Set(_reference, _engines[0], row);
        _tallies[0].Add(_reference, _reference, token);
        for (var i = 1; i < _engines.Length; i++)
        {
            Set(_own, _engines[i], row);
            _tallies[i].Add(_reference, _own, token);
        }
    }

    private static void Set(Distribution distribution, IBatchEngine engine, int row)
    {
        if (!distribution.TrySet(engine.Logits(row)))
            throw new EngineException(new EngineFault("The model's logits are not all finite numbers, so there is nothing to compare.", MayRetry: false));
    }
}
