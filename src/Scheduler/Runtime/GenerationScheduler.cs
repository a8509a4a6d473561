using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StreamCore.Scheduler.Blocks;
using StreamCore.Scheduler.Planning;
using StreamCore.Scheduler.Sampling;
using StreamCore.Scheduler.Text;

namespace StreamCore.Scheduler;

/// <summary>
/// Runs many generations at once on one engine instance: accepts them or says why not, and runs them on a thread of its own.
/// Safe for many threads. The engine stays the caller's, who disposes it after this.
/// </summary>
public sealed class GenerationScheduler : IGenerationScheduler
{
    private readonly BatchEngineLimits _limits;
    private readonly ITokenizer _tokenizer;
    private readonly TimeProvider _time;
    private readonly StepBudget _budget;
    private readonly Inbox _inbox;
    private readonly Slots _slots;
    private readonly BlockPool _blocks;
    private readonly CompletionRate _rate;
    private readonly Progress _progress;
    private readonly Telemetry _telemetry;
    private readonly StepLoop _loop;
    private long _lastId;
    private volatile bool _isStopping;

    /// <summary>Starts the step loop. <paramref name="instance"/> names the engine instance in metrics and logs.</summary>
    public GenerationScheduler(
        IBatchEngine engine, ITokenizer tokenizer, SchedulerOptions options, SchedulerMetrics metrics, TimeProvider time,
        ILogger logger, string instance)
    {
        if (options.Faults() is [var fault, ..]) throw new ArgumentException(fault, nameof(options));
        _limits = engine.Limits;
        _tokenizer = tokenizer;
        _time = time;
        _budget = Budget(options, _limits);
        var capacity = _budget.MaxSequences + options.QueueCapacity;
        _inbox = new Inbox(capacity);
        _blocks = new BlockPool(_limits.BlockCount, _limits.BlockTokens);
        _rate = new CompletionRate(time);
        _progress = new Progress(options.MaxFailedSteps, time);
        _telemetry = new Telemetry(metrics, logger, time, instance);
        _slots = new Slots(
            capacity, _budget.MaxSequences, options, _blocks, _inbox, _rate, _telemetry);
        var settler = new Settler(engine, tokenizer, _slots, _telemetry);
        _loop = new StepLoop(engine, _inbox, _slots, _blocks, settler, _progress, _budget, capacity, time, _telemetry);
        _loop.Start(instance);
    }

    /// <inheritdoc cref="BatchEngineLimits.MaxSequenceTokens"/>
    public int MaxSequenceTokens => _limits.MaxSequenceTokens;

    /// <inheritdoc/>
    public SchedulerProgress Progress
    {
        get
        {
            var live = _inbox.Live;
            var running = Math.Min(_slots.ResidentCount, live);
            return new SchedulerProgress(
                running, live - running, _progress.Steps, live == 0 ? TimeSpan.Zero : _progress.Since(), _progress.LastStepAt,
                _progress.IsHealthy, _blocks.FreeCount);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The request was not validated: an empty prompt, a token or a bias out of range, no room for an answer.</exception>
    public bool TrySubmit(GenerationRequest request, [NotNullWhen(true)] out Generation? generation, out Refusal refusal)
    {
        generation = null;
        var id = Interlocked.Increment(ref _lastId);
        Check(request);

        if (!Fits(request, out var maxTokens))
            return Refuse(id, new Refusal(RefusalReason.NeverFits, TimeSpan.Zero), out refusal);
        if (_isStopping) return Refuse(id, new Refusal(RefusalReason.Stopping, TimeSpan.Zero), out refusal);
        if (!_inbox.TryReserve(out var wasIdle))
            return Refuse(id, new Refusal(RefusalReason.QueueFull, _rate.UntilNext()), out refusal);

        if (wasIdle)
        {
            _rate.Start();
            _progress.Start();
        }

        var text = new TextAssembler(
            new StopStrings(request.StopStrings), _tokenizer.StripsLeadingSpace && !request.ContinuesText);
        generation = new Generation(id, request, text, _time.GetTimestamp());
        var draw = DrawSettings.From(request.Sampling, Seed(request), request.Choice);
        _telemetry.Accepted();
        if (!_inbox.TryWrite(new Slot(generation, draw, maxTokens, PrefixIndex.Root(request.CacheScope))))
        {
            _inbox.Release();
            _telemetry.Withdrawn();
            generation = null;
            return Refuse(id, new Refusal(RefusalReason.Stopping, TimeSpan.Zero), out refusal);
        }

        refusal = default;
        return true;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken abort)
    {
        if (!_isStopping) _telemetry.Stopping(_inbox.Live);
        _isStopping = true;
        _inbox.Complete();
        using var registration = abort.Register(_loop.Abort);
        await _loop.Ended.ConfigureAwait(false);
    }

    /// <summary>Stops at once; what runs is cancelled.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);

    /// <summary>Generations that run at a time.</summary>
    internal int MaxRunningSequences => _budget.MaxSequences;

    /// <summary>Whether the request could ever run, and how long its answer can be.</summary>
    internal bool Fits(GenerationRequest request, out int maxTokens)
    {
        var prompt = request.PromptTokens.Length;
        maxTokens = Math.Min(request.MaxTokens, _limits.MaxContextTokens - prompt);
        return maxTokens >= Math.Min(request.MaxTokens, 1)
            && Planner.Fits(prompt, Math.Max(maxTokens, 1), _budget, _limits.BlockCount);
    }

    private static StepBudget Budget(SchedulerOptions options, BatchEngineLimits limits)
    {
        var tokens = Math.Min(options.StepTokens, limits.MaxStepTokens);
        return new StepBudget(
            maxTokens: tokens,
            maxSequences: Math.Min(options.MaxRunningSequences, Math.Min(limits.MaxStepLogits, tokens)),
            maxLogitsRows: limits.MaxStepLogits,
            maxChunkTokens: options.PrefillChunkTokens,
            promptTokensPerRow: options.PrefillTokensPerStream,
            maxDraftedTokens: options.Speculation.MaxStepTokens,
            blockTokens: limits.BlockTokens);
    }

    private static ulong Seed(GenerationRequest request)
    {
        if (request.Sampling.Seed is { } seed) return unchecked((ulong)seed);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Check(GenerationRequest request)
    {
        if (request.PromptTokens.Length == 0) throw new ArgumentException("The prompt has no tokens.", nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.MaxTokens, nameof(request));
        foreach (var token in request.PromptTokens) CheckToken(token, nameof(request));
        foreach (var bias in request.Sampling.Bias) CheckToken(bias.Token, nameof(request));
    }

    private void CheckToken(int token, string name)
    {
        if ((uint)token >= (uint)_limits.VocabularySize)
            throw new ArgumentException("The request has a token that the model has not.", name);
    }

    private bool Refuse(long id, Refusal why, out Refusal refusal)
    {
        refusal = why;
        _telemetry.Refused(id, why);
        return false;
    }
}
