using System.Text;
using StreamCore.Scheduler;

namespace StreamCore.TestKit;

/// <summary>
/// An engine without a model. Logits are a fixed function of the sequence's own tokens, which it reads from its own cache blocks:
/// a block given to two sequences, forgotten, or put in the wrong order changes the text. It checks every step besides, and can be
/// held, followed and made to fail by the test.
/// </summary>
public sealed class ScriptedEngine : IBatchEngine
{
    private readonly int[] _tokens; // of all blocks, one block after the other
    private readonly ulong[] _hashes; // of the sequence up to and including each token
    private readonly (long Step, int Run)[] _writers; // who wrote each block last
    private readonly float[] _logits;
    private readonly SemaphoreSlim _arrivals = new(0);
    private readonly SemaphoreSlim _permits = new(0);
    private readonly List<string> _violations = [];
    private volatile bool _isHeld;
    private long _stepCount;
    private long _loopBytes;

    public ScriptedEngine(
        int vocabularySize = 272, int maxContextTokens = 4096, int blockTokens = 4, int blockCount = 1024, int maxStepTokens = 256,
        int maxStepLogits = 64)
    {
        Limits = new BatchEngineLimits
        {
            VocabularySize = vocabularySize,
            MaxContextTokens = maxContextTokens,
            BlockTokens = blockTokens,
            BlockCount = blockCount,
            MaxStepTokens = maxStepTokens,
            MaxStepLogits = maxStepLogits,
        };
        _tokens = new int[blockCount * blockTokens];
        _hashes = new ulong[blockCount * blockTokens];
        _writers = new (long, int)[blockCount];
        _logits = new float[maxStepLogits * vocabularySize];
    }

    public BatchEngineLimits Limits { get; }

    /// <inheritdoc/>
    public int WorkerCount { get; init; } = 1;

    /// <summary>Says the next token instead of the hash: gets the sequence's tokens, gives a token, or null for the hash.</summary>
    public Func<IReadOnlyList<int>, int?>? Script { get; set; }

    /// <summary>Says the token that this gives for its place in the sequence; unlike <see cref="Script"/> it allocates nothing.</summary>
    public Func<int, int>? SaysAt { get; set; }

    /// <summary>Changes a row of logits before it is read: the tokens of the sequence and the row.</summary>
    public Action<IReadOnlyList<int>, float[]>? Rewrite { get; set; }

    /// <summary>What each step was made of is kept in <see cref="Steps"/>.</summary>
    public bool KeepsSteps { get; set; }

    /// <summary>The runs of each step, with the tokens of each, while <see cref="KeepsSteps"/> is on.</summary>
    public List<(SequenceRun Run, int[] Tokens)[]> Steps { get; } = [];

    /// <summary>Asked before each step; what it gives is thrown.</summary>
    public Func<RaggedStep, Exception?>? FailWhen { get; set; }

    /// <summary>Called at the start of each step, on the step loop.</summary>
    public Action<long>? OnStep { get; set; }

    public long StepCount => Volatile.Read(ref _stepCount);

    /// <summary>Bytes the step loop's thread had allocated when the last step began.</summary>
    public long LoopAllocatedBytes => Volatile.Read(ref _loopBytes);

    /// <summary>Broken invariants, in words. Empty at the end of every good test.</summary>
    public IReadOnlyList<string> Violations
    {
        get { lock (_violations) return [.. _violations]; }
    }

    /// <summary>Says this text after the last <see cref="ScriptedTokenizer.AssistantToken"/> of any prompt, byte by byte, then ends.</summary>
    public void Says(string text) => Says([.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)]);

    /// <summary>Says these tokens after the last <see cref="ScriptedTokenizer.AssistantToken"/> of any prompt, then ends.</summary>
    public void Says(int[] tokens) => Script = sequence =>
    {
        var said = 0;
        while (said < sequence.Count && sequence[^(said + 1)] != ScriptedTokenizer.AssistantToken) said++;
        return said < tokens.Length ? tokens[said] : ScriptedTokenizer.EndToken;
    };

    /// <summary>Every step from now on waits for <see cref="LetStep"/>.</summary>
    public void Hold()
    {
        while (_permits.Wait(0) || _arrivals.Wait(0)) { } // left over from an Open before
        _isHeld = true;
    }

    /// <summary>Ends when a step waits. Each waiting step is told once.</summary>
    public Task StepWaits() => _arrivals.WaitAsync();

    /// <summary>Lets the waiting step go, or the next one.</summary>
    public void LetStep() => _permits.Release();

    /// <summary>Lets the waiting step go and all after it.</summary>
    public void Open()
    {
        _isHeld = false;
        _permits.Release();
    }

    /// <summary>Lets the waiting step go and ends when the next one waits.</summary>
    public Task NextStepWaits()
    {
        LetStep();
        return StepWaits();
    }

    public void Run(RaggedStep step)
    {
        Volatile.Write(ref _loopBytes, GC.GetAllocatedBytesForCurrentThread());
        OnStep?.Invoke(StepCount);
        if (_isHeld)
        {
            _arrivals.Release();
            _permits.Wait();
        }

        Volatile.Write(ref _stepCount, _stepCount + 1);
        if (KeepsSteps) Keep(step);
        if (FailWhen?.Invoke(step) is { } failure) throw failure;
        CheckLimits(step);

        var row = 0;
        for (var i = 0; i < step.Runs.Length; i++)
        {
            var run = step.Runs[i];
            Store(step, run, i);
            for (var back = run.LogitsCount; back > 0; back--)
                Compute(step, run, run.Position + run.TokenCount - back, row++);
        }
    }

    public Span<float> Logits(int row) => _logits.AsSpan(row * Limits.VocabularySize, Limits.VocabularySize);

    public void Share(IParallelWork work)
    {
        if (WorkerCount == 1) work.Work(0);
        else Parallel.For(0, WorkerCount, work.Work);
    }

    public void Dispose()
    {
        _arrivals.Dispose();
        _permits.Dispose();
    }

    private void Store(RaggedStep step, SequenceRun run, int index)
    {
        if (run.BlockCount * Limits.BlockTokens < run.Position + run.TokenCount) Violate("a run has too few blocks");
        var blocks = step.Blocks.Slice(run.FirstBlock, run.BlockCount);
        for (var position = 0; position < run.Position; position++)
        {
            var cell = Cell(blocks, position);
            if (_hashes[cell] != Hash(Before(blocks, position), _tokens[cell])) Violate("the cache does not hold the sequence");
        }

        for (var i = 0; i < run.TokenCount; i++)
        {
            var position = run.Position + i;
            var cell = Cell(blocks, position);
            ref var writer = ref _writers[blocks[position / Limits.BlockTokens]];
            if (writer.Step == _stepCount && writer.Run != index) Violate("a block was written by two runs of a step");
            writer = (_stepCount, index);
            _tokens[cell] = step.Tokens[run.FirstToken + i];
            _hashes[cell] = Hash(Before(blocks, position), _tokens[cell]);
        }
    }

    private void Compute(RaggedStep step, SequenceRun run, int position, int row)
    {
        var blocks = step.Blocks.Slice(run.FirstBlock, run.BlockCount);
        var logits = Logits(row);
        var hash = _hashes[Cell(blocks, position)];
        for (var token = 0; token < logits.Length; token++)
            logits[token] = (float)(Mix(hash + (ulong)token) >> 40) * (8f / (1 << 24));
        if (SaysAt is not null) logits[SaysAt(position + 1)] = 1000;
        if (Script is null && Rewrite is null) return;

        var sequence = new int[position + 1];
        for (var i = 0; i <= position; i++) sequence[i] = _tokens[Cell(blocks, i)];
        if (Script?.Invoke(sequence) is { } scripted) logits[scripted] = 1000;
        if (Rewrite is null) return;
        var copy = logits.ToArray();
        Rewrite(sequence, copy);
        copy.CopyTo(logits);
    }

    private int Cell(ReadOnlySpan<int> blocks, int position) =>
        blocks[position / Limits.BlockTokens] * Limits.BlockTokens + position % Limits.BlockTokens;

    private ulong Before(ReadOnlySpan<int> blocks, int position) => position == 0 ? 0 : _hashes[Cell(blocks, position - 1)];

    private void CheckLimits(RaggedStep step)
    {
        if (step.Tokens.Length > Limits.MaxStepTokens) Violate("a step has too many tokens");
        if (step.LogitsRows.Length > Limits.MaxStepLogits) Violate("a step wants too many rows of logits");
        foreach (var block in step.Blocks)
        {
            if ((uint)block >= (uint)Limits.BlockCount) Violate("a block does not exist");
        }

        foreach (var run in step.Runs)
        {
            if (run.Position + run.TokenCount > Limits.MaxContextTokens) Violate("a sequence is longer than the context");
        }
    }

    private void Keep(RaggedStep step)
    {
        var runs = new (SequenceRun, int[])[step.Runs.Length];
        for (var i = 0; i < runs.Length; i++)
            runs[i] = (step.Runs[i], step.Tokens.Slice(step.Runs[i].FirstToken, step.Runs[i].TokenCount).ToArray());
        Steps.Add(runs);
    }

    private void Violate(string what)
    {
        lock (_violations)
        {
            if (_violations.Count < 20) _violations.Add($"step {StepCount}: {what}");
        }
    }

    private static ulong Hash(ulong before, int token) => Mix(before * 31 + (ulong)token + 1);

    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
