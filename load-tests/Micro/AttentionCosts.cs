using System.Globalization;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;

namespace StreamCore.Micro;

/// <summary>What the attention of one layer costs in a step where each sequence has one new token, on one thread and on as many as there are processors.</summary>
internal static unsafe class AttentionCosts
{
    /// <summary>Layers that take turns, so that no processor finds a layer's keys where it left them in the call before.</summary>
    private const int Layers = 4;
    private const int Calls = 200;

    private static readonly AttentionShape[] Shapes = [new(4, 1, 256), new(7, 1, 64), new(14, 2, 64)];

    private static readonly (int Sequences, int Context)[] Steps = [(1, 256), (1, 1024), (1, 4096), (1, 16_384), (1, 32_768), (8, 256), (8, 4096)];

    public static void Run(TextWriter output)
    {
        var threads = Environment.ProcessorCount;
        output.WriteLine($"| heads, key/value heads, size | sequences | context | one thread p50 | p99 | {threads} threads p50 | p99 |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var shape in Shapes)
        {
            var frequencies = Enumerable.Range(0, shape.HeadSize / 2).Select(i => MathF.Pow(10_000, -2f * i / shape.HeadSize)).ToArray();
            using var rotary = new RotaryTable(frequencies, 1f, Steps.Max(step => step.Context));
            using var cache = new PagedKvCache(
                shape, Layers, Steps.Max(step => step.Sequences * step.Context) / PagedKvCache.BlockTokens, KvCacheType.BFloat16);
            cache.Fill(0x3c); // some hundredth
            foreach (var (sequences, context) in Steps)
            {
                string Cells(int count) => Cost.Cells(Times(cache, rotary, sequences, context, count));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {shape.HeadCount}, {shape.KvHeadCount}, {shape.HeadSize} | {sequences} | {context:#,0} | {Cells(1)} | {Cells(threads)} |"));
            }
        }
    }

    private static double[] Times(PagedKvCache cache, RotaryTable rotary, int sequences, int context, int threads)
    {
        var shape = cache.Shape;
        var kernel = AttentionKernel.Create(shape, rotary, cache.Type, AttentionKernel.BestWidth(shape.HeadSize));
        using var attention = new RaggedAttention(cache, kernel, threads);
        using var workers = new StepWorkers(threads);
        var shared = new OpWorkers(0, new OwnParts(attention, null, workers), 0);
        using var input = new NativeBuffer<float>((long)sequences * shape.InputWidth);
        using var output = new NativeBuffer<float>((long)sequences * shape.OutputWidth);
        var random = new Random(1);
        for (var i = 0; i < input.Length; i++) input.Span[i] = random.NextSingle() - 0.5f;

        var step = new RaggedStep();
        var blocks = context / PagedKvCache.BlockTokens;
        for (var i = 0; i < sequences; i++) step.Add([0], context - 1, [.. Enumerable.Range(i * blocks, blocks)], 1);
        attention.Begin(step, sequences);
        return Cost.Measure(Calls, static _ => { }, call => attention.Run(call % Layers, input.Pointer, output.Pointer, shared));
    }
}
