namespace StreamCore.Scheduler.Sessions;

/// <summary>Makes text of speech: a model on a StackFlow device. Safe for many threads.</summary>
public interface ITranscriptionEngine : IAsyncDisposable
{
    /// <summary>For metrics and logs.</summary>
    string Name { get; }

    /// <summary>Recordings it can transcribe at a time just now; 0 while it is out of reach. Changes are told by <see cref="CapacityChanged"/>.</summary>
    int Capacity { get; }

    /// <summary>From any thread; its handlers return at once.</summary>
    event Action? CapacityChanged;

    /// <summary>Whether it knows the request's language.</summary>
    bool CanRun(TranscriptionRequest request);

    /// <summary>
    /// Transcribes one recording, and yields its text in pieces, as they are recognised, which joined are the whole. A recording without
    /// speech yields nothing. Whoever stops reading disposes of the enumerator.
    /// </summary>
    /// <exception cref="ArgumentException">It cannot run the request.</exception>
    /// <exception cref="EngineException">It cannot go on. Another engine may be asked where <see cref="EngineFault.MayRetry"/> says so and nothing was yielded.</exception>
    /// <exception cref="OperationCanceledException">For <paramref name="cancellation"/>.</exception>
    IAsyncEnumerable<string> TranscribeAsync(TranscriptionRequest request, CancellationToken cancellation);
}

/// <summary>A recording to transcribe.</summary>
/// <param name="Audio">16-bit little-endian samples, mono, 16 kHz, of any length.</param>
/// <param name="Language">The language spoken, as an ISO 639-1 code. Engines do not detect it.</param>
public sealed record TranscriptionRequest(ReadOnlyMemory<byte> Audio, string Language);
