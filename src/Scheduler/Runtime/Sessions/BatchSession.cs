using System.Runtime.CompilerServices;
using StreamCore.Scheduler.Loading;

namespace StreamCore.Scheduler.Sessions;

/// <summary>
/// An engine instance with a scheduler of its own as a member of a pool. Owns both. It runs what has tokens for a prompt and asks for no logprobs,
/// which pieces cannot carry; grammars and biases are its scheduler's as ever.
/// </summary>
public sealed class BatchSession : ISessionEngine
{
    private readonly GenerationScheduler _scheduler;
    private readonly EngineInstance _instance;

    public BatchSession(GenerationScheduler scheduler, IDisposable engine, string name)
    {
        _scheduler = scheduler;
        _instance = new EngineInstance(engine, scheduler);
        Name = name;
    }

    event Action? ISessionEngine.CapacityChanged
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The generations that its scheduler runs at a time. Never changes.</summary>
    public int Capacity => _scheduler.MaxRunningSequences;

    /// <inheritdoc/>
    public bool CanRun(GenerationRequest request) =>
        request is { PromptTokens.Length: > 0, TopLogprobs: null, ScoresPrompt: false } && _scheduler.Fits(request, out _);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionPiece> RunAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!_scheduler.TrySubmit(Inner(request), out var generation, out var refusal))
            throw new EngineException(new EngineFault($"The engine instance took no more: {refusal.Reason}.", MayRetry: true));
        await using var leaving = cancellation.Register(() => generation.Cancel(CancelledBy.Client)).ConfigureAwait(false);
        try
        {
            var counted = 0;
            while (await generation.WaitToReadAsync().ConfigureAwait(false))
            {
                if (!generation.TryRead(out var delta)) continue;
                yield return new SessionPiece(generation.Text(delta), delta.CompletionTokens - counted, delta.FinishReason);
                counted = delta.CompletionTokens;
                if (delta.IsLast) ThrowUnlessFinished(generation, cancellation);
            }
        }
        finally
        {
            generation.Cancel(CancelledBy.Client);
            await generation.Completion.ConfigureAwait(false); // its slot is free
            generation.Dispose();
        }
    }

    /// <summary>Ends what still runs and gives the engine's memory back.</summary>
    public ValueTask DisposeAsync() => _instance.DisposeAsync();

    /// <summary>Stop strings and deadlines are the pool's; so is the generation it follows.</summary>
    private static GenerationRequest Inner(GenerationRequest request) =>
        request with { StopStrings = [], Follows = null, Timeout = null, QueueTimeout = null };

    private static void ThrowUnlessFinished(Generation generation, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        switch (generation.Outcome)
        {
            case { Fault: { } fault }:
                // Rules have seen the tokens, and cannot begin again.
                var isSpent = generation.CompletionTokens > 0 && generation.Request.LogitsRules.Count > 0;
                throw new EngineException(fault with { MayRetry = fault.MayRetry && !isSpent });
            case { IsFinished: false }:
                throw new EngineException(new EngineFault("The engine instance is shutting down.", MayRetry: true));
        }
    }
}
