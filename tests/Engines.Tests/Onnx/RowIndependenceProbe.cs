using StreamCore.Engines.Models;
using StreamCore.Scheduler;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

public sealed class RowIndependenceProbe(TestModels models, ITestOutputHelper output)
{
    [Theory]
    [InlineData("llama-tiny", WeightFormat.Float32)]
    [InlineData("llama-small", WeightFormat.Float32)]
    [InlineData("llama-small", WeightFormat.Int4Block32)]
    [InlineData("llama-small", WeightFormat.Int4Block128)]
    [InlineData("llama-small", WeightFormat.Int8)]
    public void Probe(string preset, WeightFormat format)
    {
        foreach (var threads in (int[])[1, 2])
        {
            using var engine = models.Engine(preset, format, o => o.Threads = threads);
            float[]? first = null;
            var line = "";
            for (var n = 1; n <= 40; n++)
            {
                var step = new RaggedStep();
                for (var i = 0; i < n; i++) step.Add([i == 0 ? 7 : i * 31 % 500], 0, [i], i == 0 || n % 2 == 0 ? 1 : 0);
                engine.Run(step);
                var row = engine.Logits(0).ToArray();
                first ??= row;
                var same = first.AsSpan().SequenceEqual(row);
                line += same ? "=" : "x";
            }
            output.WriteLine($"{preset} {format} threads {threads}: {line}");
        }
    }
}
