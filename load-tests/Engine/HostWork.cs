using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tokenization;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.EngineBench;

/// <summary>
/// What the step loop does between one engine step and the next: ending, planning, sampling, detokenizing, publishing; as a share of
/// the whole. Steps count in which all sequences decode.
/// </summary>
internal static class HostWork
{
    /// <summary>Milliseconds of a step, and those of them outside the engine: means of all steps that count.</summary>
    public static async Task<(double Step, double Host)> MeasureAsync(string folder, Options options, int sequences, SamplingSettings sampling)
    {
        using var engine = new TimedEngine(OnnxBatchEngine.Load(folder, new OnnxOptions { Threads = options.Threads, CacheBytes = 1L << 30 }), sequences);
        await using var scheduler = new GenerationScheduler(
            engine, TokenizerLoader.Load(folder), new SchedulerOptions { Speculation = { MaxDraftTokens = 0 } }, new SchedulerMetrics(), TimeProvider.System,
            NullLogger.Instance, "bench");
        var readers = Enumerable.Range(0, sequences).Select(i => ReadAsync(scheduler, new GenerationRequest
        {
            PromptTokens = [.. Enumerable.Range(0, options.Context).Select(t => (t + i * 31) * 7919 % engine.Limits.VocabularySize)],
            Sampling = sampling,
            MaxTokens = options.Tokens * 4,
            IgnoreEos = true,
        })).ToArray();
        await Task.WhenAll(readers);
        return (engine.Step, engine.Host);
    }

    /// <summary>As an endpoint reads: each delta when it comes.</summary>
    private static async Task ReadAsync(GenerationScheduler scheduler, GenerationRequest request)
    {
        if (!scheduler.TrySubmit(request, out var generation, out var refusal)) throw new InvalidOperationException($"Refused: {refusal.Reason}.");
        using (generation)
        {
            while (await generation.WaitToReadAsync()) generation.TryRead(out _);
        }
    }

    private sealed class TimedEngine(OnnxBatchEngine inner, int sequences) : IBatchEngine
    {
        private long _host, _step, _count, _began, _ended;
        private bool _lastCounts;

        public double Step => Milliseconds(_step);

        public double Host => Milliseconds(_host);

        public BatchEngineLimits Limits => inner.Limits;

        public void Run(RaggedStep step)
        {
            var counts = step.Tokens.Length == sequences && step.Runs.Length == sequences;
            var began = Stopwatch.GetTimestamp();
            if (counts && _lastCounts)
            {
                _host += began - _ended;
                _step += began - _began;
                _count++;
            }

            inner.Run(step);
            (_began, _ended, _lastCounts) = (began, Stopwatch.GetTimestamp(), counts);
        }

        public Span<float> Logits(int row) => inner.Logits(row);

        public int WorkerCount => inner.WorkerCount;

        public void Share(IParallelWork work) => inner.Share(work);

        public void Dispose() => inner.Dispose();

        private double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency / Math.Max(1, _count);
    }
}
