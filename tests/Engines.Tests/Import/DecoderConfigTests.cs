using System.Text.Json.Nodes;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import;

public sealed class DecoderConfigTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Sizes_that_are_left_out_follow_from_the_others()
    {
        var config = Read(("head_dim", null), ("num_key_value_heads", null), ("tie_word_embeddings", null));
        Assert.Equal((16, 4, false), (config.HeadSize, config.KvHeadCount, config.TiedHead));
    }

    [Fact]
    public void Mistral_is_a_llama_whose_window_limits_the_context()
    {
        var config = Read(("architectures", new JsonArray("MistralForCausalLM")), ("sliding_window", 256));
        Assert.Equal(("mistral", 256), (config.Family, config.MaxContextTokens));
    }

    [Fact]
    public void Qwen2_has_biases_of_its_own_and_a_window_only_if_it_says_so()
    {
        var config = Read(("architectures", new JsonArray("Qwen2ForCausalLM")), ("sliding_window", 256), ("use_sliding_window", false));
        Assert.Equal((true, false, 512), (config.QkvBias, config.OutputBias, config.MaxContextTokens));
        TinyModel.Configure(_temp["source"], "use_sliding_window", true);
        Assert.Equal(256, DecoderConfig.Load(_temp["source"]).MaxContextTokens);
    }

    [Fact]
    public void The_known_one_of_several_architectures_counts()
    {
        Assert.Equal("llama", Read(("architectures", new JsonArray("Other", "LlamaForCausalLM"))).Family);
    }

    private DecoderConfig Read(params (string Name, JsonNode? Value)[] changes)
    {
        RandomModel.Write(_temp["source"], TinyModel.Llama, seed: 1);
        foreach (var (name, value) in changes) TinyModel.Configure(_temp["source"], name, value);
        return DecoderConfig.Load(_temp["source"]);
    }
}
