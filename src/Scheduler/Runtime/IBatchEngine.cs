namespace StreamCore.Scheduler;

/// <summary>
/// A model whose steps the scheduler owns: it runs many sequences at once and keeps their keys and values in numbered blocks.
/// One thread at a time; the step loop is that thread.
/// </summary>
public interface IBatchEngine : IDisposable
{
    BatchEngineLimits Limits { get; }

    /// <summary>
    /// Runs one ragged step: appends every run's tokens to the cache blocks it names and computes the wanted logits.
    /// A row's logits depend on its own sequence only, bit for bit.
    /// </summary>
    /// <exception cref="EngineException">The step failed; the cache blocks it named hold nothing that may be used.</exception>
    void Run(RaggedStep step);

    /// <summary>Logits of wanted row <paramref name="row"/> of the last step, in the order of <see cref="RaggedStep.LogitsRows"/>;
    /// <see cref="BatchEngineLimits.VocabularySize"/> values, valid until the next <see cref="Run"/>.
    /// The caller may overwrite them.</summary>
    Span<float> Logits(int row);

    /// <summary>How many of the engine's threads may share work between steps, the caller's included.</summary>
    int WorkerCount => 1;

    /// <summary>Calls <see cref="IParallelWork.Work"/> for worker 0 and at most once for each other number below <see cref="WorkerCount"/>, as
    /// threads are free, and comes back when all that were called have returned. Between steps only.</summary>
    void Share(IParallelWork work) => work.Work(0);
}

/// <summary>What an engine can take. All fixed when it is made.</summary>
public sealed record BatchEngineLimits
{
    /// <summary>Length of a row of logits.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Most tokens of one sequence, prompt and answer together.</summary>
    public required int MaxContextTokens { get; init; }

    /// <summary>Tokens in one cache block.</summary>
    public required int BlockTokens { get; init; }

    /// <summary>Cache blocks, numbered from 0, shared by all sequences.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Most new tokens in one step.</summary>
    public required int MaxStepTokens { get; init; }

    /// <summary>Most rows of logits in one step.</summary>
    public required int MaxStepLogits { get; init; }

    /// <summary>Most tokens of prompt and answer together that can ever be accepted.</summary>
    public int MaxSequenceTokens => (int)Math.Min(MaxContextTokens, (long)BlockCount * BlockTokens);
}
