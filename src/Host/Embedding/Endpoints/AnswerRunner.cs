using System.Net;
using Microsoft.Extensions.Logging;
using StreamCore.Host.Composition;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;
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
    private readonly TimeSpan _loadTimeout = options.Memory.LoadTimeout;

    /// <param name="neverFits">What to say when the scheduler finds that a generation could never fit.</param>
    public async ValueTask RunAsync(
        HttpExchange exchange, ServedModel model, AnswerPlan plan, IAnswerFormat format, bool stream, Func<ApiError> neverFits)
    {
        // 1. The model, which may have to be loaded. Who streams sees meanwhile that the server lives; a failure is an event then.
        var leasing = model.Resident.LeaseAsync(_loadTimeout, exchange.Aborted);
        var sse = stream && !leasing.IsCompleted ? exchange.StartSse() : null;
        var answer = sse is null ? await leasing : await AwaitAsync(sse, leasing);
        using var lease = answer.Lease;
        if (lease is null)
        {
            if (answer.Fault is { } fault) HostLog.LoadFailed(log, exchange.RequestId, model.Name, fault);
            await FailAsync(exchange, sse, Answers.RefusalError(answer.Refusal, model.Name, neverFits));
            return;
        }

        // 2. Its generations.
        var count = plan.Prompts.Count * plan.MadeCount;
        var client = ClientOf(exchange);
        var generations = new List<Generation>(count);
        try
        {
            while (generations.Count < count)
            {
                if (lease.Scheduler.TrySubmit(plan.Generation(generations.Count, generations) with { FairnessKey = client }, out var generation, out var refusal))
                {
                    generations.Add(generation);
                    continue;
                }

                await FailAsync(exchange, sse, Answers.RefusalError(refusal, model.Name, neverFits));
                return;
            }

            // 3. What they produce.
            await using var leaving = exchange.Aborted.Register(() => CancelAll(generations));
            if (stream) await StreamAsync(exchange, sse ?? exchange.StartSse(), plan, generations, format);
            else await WholeAsync(exchange, plan, generations, format);
        }
        finally
        {
            foreach (var generation in generations) generation.Dispose(); // cancels what still runs
        }
    }

    /// <summary>Whom a request is from, as well as can be told: who sends the same key from the same address.</summary>
    private static string ClientOf(HttpExchange exchange) => string.Concat(
        (exchange.Peer.Remote as IPEndPoint)?.Address.ToString(), " ", exchange.Request.Header("Authorization") ?? exchange.Request.Header("x-api-key"));

    /// <summary>Waits for the model with comments on the stream.</summary>
    private async ValueTask<LeaseAnswer> AwaitAsync(SseWriter sse, ValueTask<LeaseAnswer> leasing)
    {
        using var keepAlive = new KeepAlive(sse, _keepAliveInterval, time);
        await sse.FlushAsync(); // the head; a client that is gone ends the wait
        keepAlive.Resume();
        try
        {
            return await leasing;
        }
        finally
        {
            await keepAlive.PauseAsync();
        }
    }

    /// <summary>Tells of an error: as the answer, or as the last event where the answer has begun.</summary>
    private static async ValueTask FailAsync(HttpExchange exchange, SseWriter? sse, ApiError error)
    {
        if (sse is null)
        {
            await Answers.ErrorAsync(exchange, error);
            return;
        }

        sse.BeginEvent();
        error.Encode(sse);
        sse.EndEvent();
        sse.WriteDone();
        await sse.CompleteAsync();
    }

    private async ValueTask StreamAsync(
        HttpExchange exchange, SseWriter sse, AnswerPlan plan, List<Generation> generations, IAnswerFormat format)
    {
        for (var i = 0; i < generations.Count && format.HasOpening; i++)
        {
            sse.BeginEvent();
            format.WriteOpening(sse, i);
            sse.EndEvent();
        }

        var choices = new ChoiceReader(generations);
        var unechoed = format.HasEcho ? Enumerable.Range(0, generations.Count).ToHashSet() : null;
        using var keepAlive = new KeepAlive(sse, _keepAliveInterval, time);
        var failed = false;
        while (!failed && await sse.FlushAsync())
        {
            keepAlive.Resume();
            var hasMore = await choices.WaitAsync();
            await keepAlive.PauseAsync();
            if (!hasMore) break;
            failed = !WriteReady(sse, format, generations, unechoed, exchange.RequestId);
        }

        if (!failed && format.IncludesUsage)
        {
            sse.BeginEvent();
            format.WriteUsage(sse, UsageOf(plan, generations));
            sse.EndEvent();
        }

        sse.WriteDone();
        await sse.CompleteAsync();
    }

    /// <summary>Writes what all choices have ready, for one flush. False when one failed.</summary>
    private bool WriteReady(SseWriter sse, IAnswerFormat format, List<Generation> generations, HashSet<int>? unechoed, string requestId)
    {
        for (var i = 0; i < generations.Count; i++)
        {
            if (!WriteDelta(sse, format, generations[i], i, unechoed, requestId)) return false;
        }

        return true;
    }

    /// <summary>Writes what a choice has ready. False when it failed, which ends the stream.</summary>
    private bool WriteDelta(SseWriter sse, IAnswerFormat format, Generation generation, int index, HashSet<int>? unechoed, string requestId)
    {
        if (!generation.TryRead(out var delta)) return true;
        if (unechoed?.Remove(index) is true)
        {
            sse.BeginEvent();
            format.WriteEcho(sse, index, generation);
            sse.EndEvent();
        }

        format.WriteDelta(sse, index, generation, delta);
        if (!delta.IsLast) return true;
        var finished = generation.Outcome!.IsFinished;
        sse.BeginEvent();
        if (finished) format.WriteFinish(sse, index, delta.FinishReason);
        else Failure(generation.Outcome, requestId).Encode(sse);
        sse.EndEvent();
        return finished;
    }

    private async ValueTask WholeAsync(HttpExchange exchange, AnswerPlan plan, List<Generation> generations, IAnswerFormat format)
    {
        foreach (var generation in generations)
        {
            var outcome = await generation.Completion;
            if (outcome.IsFinished) continue;
            await Answers.ErrorAsync(exchange, Failure(outcome, exchange.RequestId));
            return;
        }

        await Answers.JsonAsync(exchange, 200, body => format.WriteWhole(body, plan.Given(generations), UsageOf(plan, generations)));
    }

    private ApiError Failure(Outcome outcome, string requestId)
    {
        if (outcome.Fault is { } fault) HostLog.GenerationFailed(log, requestId, fault.Message);
        return Answers.OutcomeError(outcome);
    }

    /// <summary>A prompt is counted once, however many answers it gets; of answers all are counted, those not given too.</summary>
    private static TokenUsage UsageOf(AnswerPlan plan, List<Generation> generations) => new(
        promptTokens: plan.Leaders(generations).Sum(g => g.PromptTokens),
        completionTokens: generations.Sum(g => g.CompletionTokens),
        cachedTokens: plan.Leaders(generations).Sum(g => g.CachedTokens),
        reasoningTokens: 0,
        isEstimated: generations.Exists(generation => generation.IsEstimate));

    private static void CancelAll(List<Generation> generations)
    {
        foreach (var generation in generations) generation.Cancel(CancelledBy.Client);
    }
}
