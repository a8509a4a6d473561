using System.Diagnostics;
using StreamCore.Engines.Onnx;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sampling;

namespace StreamCore.EngineBench;

/// <summary>Steps of the engine alone: no scheduler, no sampling but the greatest logit, no HTTP.</summary>
internal sealed class EngineRun : IDisposable
{
    private readonly OnnxBatchEngine _engine;
    private readonly Options _options;
    private readonly RaggedStep _step = new();
    private readonly float[] _maxima;

    public EngineRun(string folder, Options options)
    {
        _options = options;
        var most = options.Batches.Max();
        _engine = OnnxBatchEngine.Load(folder, new OnnxOptions
        {
            Threads = options.Threads,
            Spin = options.Spin,
            MaxSequences = most,
            CacheBytes = 4L << 30,
            MaxContextTokens = Math.Max(options.Context * 5 / 4 + options.Tokens + 8, options.Prefill),
        });
        _maxima = new float[LogitsScan.MaxBlockCount(_engine.Limits.VocabularySize)];
    }

    /// <summary>Tokens per second of one prompt, in chunks of 128.</summary>
    public double Prefill()
    {
        var started = Stopwatch.GetTimestamp();
        Prompt(0, _options.Prefill, 128);
        return _options.Prefill / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Tokens per second of some sequences that decode together, their contexts around the wanted one (three quarters to five quarters).</summary>
    public double Decode(int sequences)
    {
        var lengths = Enumerable.Range(0, sequences)
            .Select(i => _options.Context * (sequences == 1 ? 8 : 6 + 4 * i / (sequences - 1)) / 8).ToArray();
        for (var i = 0; i < sequences; i++) Prompt(i, lengths[i], 128);
        Steps(lengths, 4);
        var started = Stopwatch.GetTimestamp();
        Steps(lengths, _options.Tokens);
        return sequences * _options.Tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public void Dispose() => _engine.Dispose();

    private void Steps(int[] lengths, int count)
    {
        var next = new int[lengths.Length];
        for (var s = 0; s < count; s++)
        {
            _step.Clear();
            for (var i = 0; i < lengths.Length; i++) _step.Add([next[i]], lengths[i]++, Blocks(i), 1);
            _engine.Run(_step);
            // llama.cpp's measure does not look at the logits at all.
            for (var i = 0; i < lengths.Length; i++) LogitsScan.TryMax(_engine.Logits(i), _maxima, out _, out next[i]);
        }
    }

    private void Prompt(int sequence, int length, int chunk)
    {
        for (var at = 0; at < length; at += chunk)
        {
            _step.Clear();
            var count = Math.Min(chunk, length - at);
            var tokens = new int[count];
            for (var t = 0; t < count; t++) tokens[t] = (at + t) * 7919 % _engine.Limits.VocabularySize;
            _step.Add(tokens, at, Blocks(sequence), at + count == length ? 1 : 0);
            _engine.Run(_step);
        }
    }

    private int[] Blocks(int sequence)
    {
        var blocks = (_engine.Limits.MaxContextTokens + _engine.Limits.BlockTokens - 1) / _engine.Limits.BlockTokens;
        return [.. Enumerable.Range(sequence * blocks, blocks)];
    }
}
