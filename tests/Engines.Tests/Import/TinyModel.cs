using System.Text.Json.Nodes;
using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tests.Reference;

namespace StreamCore.Engines.Tests.Import;

/// <summary>Small models to import, one for each thing that can differ.</summary>
internal static class TinyModel
{
    public static RandomModelShape Llama { get; } = new()
    {
        Architecture = "LlamaForCausalLM",
        Vocabulary = 300,
        Hidden = 64,
        Layers = 2,
        Heads = 4,
        KvHeads = 2,
        HeadSize = 16,
        Mlp = 96,
        Context = 512,
        WeightType = SafetensorsType.F32,
    };

    public static RandomModelShape Qwen2 { get; } = Llama with
    {
        Architecture = "Qwen2ForCausalLM",
        Tied = true,
        WeightType = SafetensorsType.BF16,
        RopeTheta = 1_000_000,
    };

    public static Dictionary<string, RandomModelShape> Shapes { get; } = new()
    {
        ["llama"] = Llama,
        ["qwen2, tied, bf16"] = Qwen2,
        ["qwen2, untied, one key head"] = Qwen2 with { Tied = false, KvHeads = 1 },
        ["llama, f16, every bias, a key head for each"] =
            Llama with { KvHeads = 4, AttentionBias = true, MlpBias = true, WeightType = SafetensorsType.F16 },
        ["llama, tied, one layer, heads wider than the hidden state"] = Llama with { Tied = true, Layers = 1, HeadSize = 64 },
        ["llama, seven queries to a key, head of 8"] = Llama with { Heads = 7, KvHeads = 1, HeadSize = 8, Layers = 3 },
        ["llama, head of 128, sizes that blocks do not divide"] = Llama with { Hidden = 144, Mlp = 200, Heads = 2, HeadSize = 128 },
    };

    public static ReferenceShape Reference(RandomModelShape shape) => new(
        shape.Vocabulary, shape.Hidden, shape.Layers, shape.Heads, shape.KvHeads, shape.HeadSize, shape.Mlp, shape.RopeTheta, shape.NormEpsilon);

    /// <summary>Changes one value of config.json; null takes it out.</summary>
    public static void Configure(string folder, string name, JsonNode? value)
    {
        var path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        if (value is null) config.Remove(name);
        else config[name] = value;
        File.WriteAllText(path, config.ToJsonString());
    }

    /// <summary>Writes the weights anew: with other entries, each filled with one value.</summary>
    public static void Reweigh(string folder, Func<SafetensorsEntry, SafetensorsEntry?> change, float value = 1)
    {
        SafetensorsEntry[] entries = [.. Llama.Tensors().Select(change).OfType<SafetensorsEntry>()];
        using var writer = new SafetensorsWriter(Path.Combine(folder, "model.safetensors"), entries);
        foreach (var entry in entries) writer.Write(Enumerable.Repeat(value, (int)entry.ElementCount).ToArray());
    }
}
