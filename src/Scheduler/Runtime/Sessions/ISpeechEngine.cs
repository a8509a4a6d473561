namespace StreamCore.Scheduler.Sessions;

/// <summary>Makes speech of text: a model on a StackFlow device. Safe for many threads.</summary>
public interface ISpeechEngine : IAsyncDisposable
{
    /// <summary>For metrics and logs.</summary>
    string Name { get; }

    /// <summary>Texts it can speak at a time just now; 0 while it is out of reach. Changes are told by <see cref="CapacityChanged"/>.</summary>
    int Capacity { get; }

    /// <summary>From any thread; its handlers return at once.</summary>
    event Action? CapacityChanged;

    /// <summary>Samples a second of what it yields.</summary>
    int SampleRate { get; }

    /// <summary>Whether it can honour all of the request: its voice, its speed.</summary>
    bool CanRun(SpeechRequest request);

    /// <summary>
    /// Speaks one text, and yields 16-bit little-endian mono samples as they are made, a piece at a time. A text without anything that can
    /// be spoken yields nothing. Whoever stops reading disposes of the enumerator, which ends the speech in the engine too.
    /// </summary>
    /// <exception cref="ArgumentException">It cannot run the request.</exception>
    /// <exception cref="EngineException">It cannot go on. Another engine may be asked where <see cref="EngineFault.MayRetry"/> says so and nothing was yielded.</exception>
    /// <exception cref="OperationCanceledException">For <paramref name="cancellation"/>.</exception>
    IAsyncEnumerable<ReadOnlyMemory<byte>> SpeakAsync(SpeechRequest request, CancellationToken cancellation);
}

/// <summary>A text to speak.</summary>
/// <param name="Text">Of any length.</param>
public sealed record SpeechRequest(string Text)
{
    /// <summary>1 is the model's own speed, 2 twice as fast.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Which voice, for models that have several; null is the model's own.</summary>
    public string? Voice { get; init; }
}
