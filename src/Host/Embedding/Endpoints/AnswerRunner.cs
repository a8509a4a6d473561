using Microsoft.Extensions.Logging;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>
/// Submits a request's generations and carries what they produce to the client. When the client leaves, they are cancelled.
/// The one place that knows how a failure travels before and after the first byte of an answer.
/// </summary>
internal sealed class AnswerRunner(StreamCoreOptions options, TimeProvider time, ILogger<AnswerRunner> log)
{
    private readonly TimeSpan _keepAliveInterval = options.Server.KeepAliveInterval;

    /// <param name="neverFits">What to say when the scheduler finds that a generation could never fit.</param>
    public async ValueTask RunAsync(
        HttpExchange exchange, ServedModel model, IReadOnlyList<GenerationRequest> plans, IAnswerFormat format, bool stream, Func<ApiError> neverFits)
    {
        var generations = new List<Generation>(plans.Count);
        try
        {
            foreach (var plan in plans)
            {
                if (model.Scheduler.TrySubmit(plan, out var generation, out var refusal))
                {
                    generations.Add(generation);
                    continue;
                }

                await Answers.ErrorAsync(exchange, Answers.RefusalError(refusal, neverFits));
                return;
            }

            await using var leaving = exchange.Aborted.Register(() => CancelAll(generations));
            if (stream) await StreamAsync(exchange, generations, format);
            else await WholeAsync(exchange, generations, format);
        }
        finally
        {
            foreach (var generation in generations) generation.Dispose(); // cancels what still runs
        }
    }

    private async ValueTask StreamAsync(HttpExchange exchange, List<Generation> generations, IAnswerFormat format)
    {
        var sse = exchange.StartSse();
        for (var i = 0; i < generations.Count && format.HasOpening; i++)
        {
            sse.BeginEvent();
            format.WriteOpening(sse, i);
            sse.EndEvent();
        }

        var choices = new ChoiceReader(generations);
        using var keepAlive = new KeepAlive(sse, _keepAliveInterval, time);
        var failed = false;
        while (!failed && await sse.FlushAsync())
        {
            keepAlive.Resume();
            var hasMore = await choices.WaitAsync();
            await keepAlive.PauseAsync();
            if (!hasMore) break;
            failed = !WriteReady(sse, format, generations, exchange.RequestId);
        }

        if (!failed && format.IncludesUsage)
        {
            sse.BeginEvent();
            format.WriteUsage(sse, UsageOf(generations));
            sse.EndEvent();
        }

        sse.WriteDone();
        await sse.CompleteAsync();
    }

    /// <summary>Writes what all choices have ready, for one flush. False when one failed.</summary>
    private bool WriteReady(SseWriter sse, IAnswerFormat format, List<Generation> generations, string requestId)
    {
        for (var i = 0; i < generations.Count; i++)
        {
            if (!WriteDelta(sse, format, generations[i], i, requestId)) return false;
        }

        return true;
    }

    /// <summary>Writes what a choice has ready. False when it failed, which ends the stream.</summary>
    private bool WriteDelta(SseWriter sse, IAnswerFormat format, Generation generation, int index, string requestId)
    {
        if (!generation.TryRead(out var delta)) return true;
        format.WriteDelta(sse, index, generation, delta);
        if (!delta.IsLast) return true;
        var finished = generation.Outcome!.IsFinished;
        sse.BeginEvent();
        if (finished) format.WriteFinish(sse, index, delta.FinishReason);
        else Failure(generation.Outcome, requestId).Encode(sse);
        sse.EndEvent();
        return finished;
    }

    private async ValueTask WholeAsync(HttpExchange exchange, List<Generation> generations, IAnswerFormat format)
    {
        foreach (var generation in generations)
        {
            var outcome = await generation.Completion;
            if (outcome.IsFinished) continue;
            await Answers.ErrorAsync(exchange, Failure(outcome, exchange.RequestId));
            return;
        }

        await Answers.JsonAsync(exchange, 200, body => format.WriteWhole(body, generations, UsageOf(generations)));
    }

    private ApiError Failure(Outcome outcome, string requestId)
    {
        if (outcome.Fault is { } fault) HostLog.GenerationFailed(log, requestId, fault.Message);
        return Answers.OutcomeError(outcome);
    }

    private static TokenUsage UsageOf(List<Generation> generations) => new(
        promptTokens: generations.Sum(g => g.PromptTokens),
        completionTokens: generations.Sum(g => g.CompletionTokens),
        cachedTokens: generations.Sum(g => g.CachedTokens),
        reasoningTokens: 0);

    private static void CancelAll(List<Generation> generations)
    {
        foreach (var generation in generations) generation.Cancel(CancelledBy.Client);
    }
}
