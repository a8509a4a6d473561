using System.Text.Json.Nodes;
using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tests.Import;
using Xunit;

namespace StreamCore.Engines.Tests.Models;

public sealed class RandomModelTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_one_others()
    {
        RandomModel.Write(_temp["a"], "qwen2-tiny", seed: 1);
        RandomModel.Write(_temp["b"], "qwen2-tiny", seed: 1);
        RandomModel.Write(_temp["c"], "qwen2-tiny", seed: 2);
        foreach (var file in Directory.GetFiles(_temp["a"]).Select(Path.GetFileName))
            Assert.Equal(File.ReadAllBytes(_temp[$"a/{file}"]), File.ReadAllBytes(_temp[$"b/{file}"]));
        Assert.NotEqual(File.ReadAllBytes(_temp["a/model.safetensors"]), File.ReadAllBytes(_temp["c/model.safetensors"]));
    }

    [Fact]
    public void Weights_are_normal_and_scaled_by_the_width_they_are_applied_to()
    {
        RandomModel.Write(_temp["a"], "llama-tiny", seed: 1);
        using var weights = SafetensorsFolder.Open(_temp["a"]);
        var tensor = weights.Tensors["model.layers.0.mlp.down_proj.weight"];
        var values = new float[tensor.ElementCount];
        tensor.Read(0, values);
        Assert.InRange(values.Average(), -0.003, 0.003);
        Assert.InRange(values.Average(v => v * v) * 160, 0.95, 1.05);
        Assert.InRange(values.Count(v => Math.Abs(v) * Math.Sqrt(160) > 1) / (double)values.Length, 0.30, 0.335);
    }

    [Fact]
    public void Every_id_of_a_large_vocabulary_has_a_spelling_of_its_own()
    {
        RandomModel.Write(_temp["a"], TinyModel.Llama with { Vocabulary = 151_936, Hidden = 8 }, seed: 1);
        var tokenizer = JsonNode.Parse(File.ReadAllBytes(_temp["a/tokenizer.json"]))!;
        var vocabulary = tokenizer["model"]!["vocab"]!.AsObject();
        var added = tokenizer["added_tokens"]!.AsArray();
        Assert.Equal(
            Enumerable.Range(0, 151_936),
            vocabulary.Select(entry => entry.Value!.GetValue<int>()).Concat(added.Select(token => token!["id"]!.GetValue<int>())));
        Assert.Equal("<|im_end|>", added[^1]!["content"]!.GetValue<string>());
        Assert.Equal(676, tokenizer["model"]!["merges"]!.AsArray().Count);
        Assert.Equal((65, 32, 256), (Id("A"), Id("Ġ"), Id("aa")));

        int Id(string spelling) => vocabulary[spelling]!.GetValue<int>();
    }

    [Fact]
    public void An_unknown_preset_is_refused()
    {
        var fault = Assert.Throws<ModelFolderException>(() => RandomModel.Write(_temp["a"], "gpt-9", seed: 1));
        Assert.Equal($"There is no preset 'gpt-9'; known ones: {string.Join(", ", RandomModel.Presets)}.", fault.Message);
    }
}
