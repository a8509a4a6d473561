using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Safetensors;

namespace StreamCore.Engines.Models;

/// <summary>
/// Makes model folders of well-known shapes with random weights, for measuring and testing: the work of a real model without its download.
/// What such a model says is noise. The weights are scaled like trained ones, so numbers stay in the usual range.
/// </summary>
public static class RandomModel
{
    private const int ChunkElements = 1 << 20;

    private static readonly Dictionary<string, RandomModelShape> Shapes = new()
    {
        ["llama-tiny"] = new()
        {
            Architecture = "LlamaForCausalLM",
            Vocabulary = 512,
            Hidden = 64,
            Layers = 2,
            Heads = 4,
            KvHeads = 2,
            HeadSize = 16,
            Mlp = 160,
            Context = 2048,
        },
        ["qwen2-tiny"] = new()
        {
            Architecture = "Qwen2ForCausalLM",
            Vocabulary = 512,
            Hidden = 64,
            Layers = 2,
            Heads = 4,
            KvHeads = 1,
            HeadSize = 16,
            Mlp = 160,
            Context = 2048,
            Tied = true,
        },
        ["llama-small"] = new()
        {
            Architecture = "LlamaForCausalLM",
            Vocabulary = 4096,
            Hidden = 256,
            Layers = 6,
            Heads = 4,
            KvHeads = 2,
            HeadSize = 64,
            Mlp = 704,
            Context = 4096,
        },
        ["smollm2-135m"] = new()
        {
            Architecture = "LlamaForCausalLM",
            Vocabulary = 49_152,
            Hidden = 576,
            Layers = 30,
            Heads = 9,
            KvHeads = 3,
            HeadSize = 64,
            Mlp = 1536,
            Context = 8192,
            Tied = true,
            RopeTheta = 100_000,
            NormEpsilon = 1e-5,
        },
        ["qwen2.5-0.5b"] = new()
        {
            Architecture = "Qwen2ForCausalLM",
            Vocabulary = 151_936,
            Hidden = 896,
            Layers = 24,
            Heads = 14,
            KvHeads = 2,
            HeadSize = 64,
            Mlp = 4864,
            Context = 32_768,
            Tied = true,
            RopeTheta = 1_000_000,
        },
        ["qwen2.5-1.5b"] = new()
        {
            Architecture = "Qwen2ForCausalLM",
            Vocabulary = 151_936,
            Hidden = 1536,
            Layers = 28,
            Heads = 12,
            KvHeads = 2,
            HeadSize = 128,
            Mlp = 8960,
            Context = 32_768,
            Tied = true,
            RopeTheta = 1_000_000,
        },
        ["qwen2.5-3b"] = new()
        {
            Architecture = "Qwen2ForCausalLM",
            Vocabulary = 151_936,
            Hidden = 2048,
            Layers = 36,
            Heads = 16,
            KvHeads = 2,
            HeadSize = 128,
            Mlp = 11_008,
            Context = 32_768,
            Tied = true,
            RopeTheta = 1_000_000,
        },
        ["llama3.2-1b"] = new()
        {
            Architecture = "LlamaForCausalLM",
            Vocabulary = 128_256,
            Hidden = 2048,
            Layers = 16,
            Heads = 32,
            KvHeads = 8,
            HeadSize = 64,
            Mlp = 8192,
            Context = 131_072,
            Tied = true,
            RopeTheta = 500_000,
            NormEpsilon = 1e-5,
            RopeScaling = """
                {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                 "original_max_position_embeddings": 8192}
                """,
        },
    };

    /// <summary>The names <see cref="Write(string, string, int, IProgress{ImportProgress}?, CancellationToken)"/> takes.</summary>
    public static IReadOnlyCollection<string> Presets => Shapes.Keys;

    /// <summary>Makes the new folder <paramref name="folder"/>. The same preset and seed give the same bytes.</summary>
    /// <exception cref="ModelFolderException">The preset is unknown, or the folder exists.</exception>
    public static void Write(
        string folder, string preset, int seed, IProgress<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!Shapes.TryGetValue(preset, out var shape))
            throw new ModelFolderException($"There is no preset '{preset}'; known ones: {string.Join(", ", Presets)}.");
        Write(folder, shape, seed, progress, cancellation);
    }

    internal static void Write(
        string folder, RandomModelShape shape, int seed,
        IProgress<ImportProgress>? progress = null, CancellationToken cancellation = default) =>
        NewFolder.Write(folder, unfinished =>
        {
            RandomTokenizer.Write(unfinished, shape.Vocabulary, shape.Context);
            File.WriteAllText(Path.Combine(unfinished, DecoderConfig.FileName), shape.ToConfig(RandomTokenizer.EosId(shape.Vocabulary)));
            WriteWeights(Path.Combine(unfinished, SafetensorsFolder.SingleFileName), shape, seed, progress, cancellation);
        });

    private static void WriteWeights(
        string path, RandomModelShape shape, int seed, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        SafetensorsEntry[] entries = [.. shape.Tensors()];
        var total = entries.Sum(entry => entry.ElementCount);
        var done = 0L;
        var buffer = new float[ChunkElements];
        var source = new NormalSource((ulong)seed);
        using var writer = new SafetensorsWriter(path, entries);
        foreach (var entry in entries)
        {
            // Gains near 1, biases near 0, and matrices that keep the size of what they are applied to.
            var (mean, deviation) = entry.Shape.Length == 2 ? (0f, 1 / MathF.Sqrt(entry.Shape[1]))
                : entry.Name.EndsWith(".bias", StringComparison.Ordinal) ? (0f, 0.05f)
                : (1f, 0.1f);
            for (var left = entry.ElementCount; left > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                var chunk = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
                source.Fill(chunk, mean, deviation);
                writer.Write(chunk);
                left -= chunk.Length;
                progress?.Report(new ImportProgress(entry.Name, done += chunk.Length, total));
            }
        }
    }
}
