using StreamCore.Engines.Onnx;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Tests.Import;

/// <summary>Runs sequences through an engine as a scheduler would, each with blocks of its own scattered over the cache.</summary>
internal sealed class EngineDriver(OnnxBatchEngine engine)
{
    private readonly Stack<int> _free = new(Enumerable.Range(0, engine.Limits.BlockCount).OrderBy(block => block * 7919L % 1009));
    private readonly Dictionary<int[], (int Position, List<int> Blocks)> _running = [];

    /// <summary>Runs one step: for each sequence its next tokens.</summary>
    /// <returns>For each sequence the logits of those tokens; empty where none are wanted.</returns>
    public float[][][] Step(params (int[] Sequence, int Count, bool Wanted)[] parts)
    {
        var step = new RaggedStep();
        foreach (var (sequence, count, wanted) in parts)
        {
            var (position, blocks) = _running.TryGetValue(sequence, out var running) ? running : (0, []);
            while (blocks.Count * engine.Limits.BlockTokens < position + count) blocks.Add(_free.Pop());
            step.Add(sequence.AsSpan(position, count), position, blocks.ToArray(), wanted ? count : 0);
            _running[sequence] = (position + count, blocks);
        }
        engine.Run(step);

        var row = 0;
        return [.. parts.Select(part =>
            Enumerable.Range(0, part.Wanted ? part.Count : 0).Select(_ => engine.Logits(row++).ToArray()).ToArray())];
    }

    /// <summary>All logits of a sequence that runs alone, in chunks of the sizes given.</summary>
    public float[][] Run(int[] sequence, params int[] chunks) =>
        [.. chunks.SelectMany(count => Step((sequence, count, true))[0])];
}
