using System.Text.Json.Nodes;
using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import;

/// <summary>One sound model folder, broken in one place at a time; {0} in a message is the folder.</summary>
public sealed class BrokenFolderTests
{
    private const string Query = "model.layers.1.self_attn.q_proj.weight";

    private static readonly Dictionary<string, (Action<string> Break, string Message)> Cases = new()
    {
        ["no config"] = (folder => File.Delete(Path.Combine(folder, "config.json")),
            "'{0}/config.json' is missing; a Hugging Face model folder has it."),
        ["config is no JSON"] = (folder => File.WriteAllText(Path.Combine(folder, "config.json"), "{"),
            "'{0}/config.json' is not a JSON object."),
        ["config is a list"] = (folder => File.WriteAllText(Path.Combine(folder, "config.json"), "[]"),
            "'{0}/config.json' is not a JSON object."),
        ["no architecture"] = Set("architectures", null, "'{0}/config.json' has no architectures."),
        ["unknown architecture"] = Set("architectures", new JsonArray("MambaForCausalLM"),
            "'{0}/config.json': architectures is MambaForCausalLM, which cannot be imported; known ones: LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM."),
        ["no hidden size"] = Set("hidden_size", null, "'{0}/config.json' has no hidden_size."),
        ["hidden size a text"] = Set("hidden_size", "64", "'{0}/config.json': hidden_size must be a whole number above 0, not \"64\"."),
        ["layers below one"] = Set("num_hidden_layers", 0, "'{0}/config.json': num_hidden_layers must be a whole number above 0, not 0."),
        ["heads that do not fit"] = Set("num_key_value_heads", 3,
            "'{0}/config.json': num_key_value_heads is 3, which cannot be imported; it must divide num_attention_heads, 4."),
        ["odd head"] = Set("head_dim", 15, "'{0}/config.json': head_dim is 15, which cannot be imported; rotary embedding needs an even one."),
        ["other activation"] = Set("hidden_act", "gelu", "'{0}/config.json': hidden_act is gelu, which cannot be imported; only silu can."),
        ["partial rotation"] = Set("partial_rotary_factor", 0.5,
            "'{0}/config.json': partial_rotary_factor is 0.5, which cannot be imported; only 1 can."),
        ["quantised already"] = Set("quantization_config", new JsonObject { ["quant_method"] = "awq" },
            "'{0}/config.json': quantization_config is awq, which cannot be imported; import the model it was made from instead."),
        ["unknown scaling"] = Set("rope_scaling", new JsonObject { ["rope_type"] = "longrope" },
            "'{0}/config.json': rope_scaling type is longrope, which cannot be imported; known ones: default, linear, llama3, yarn."),
        ["a flag that is none"] = Set("tie_word_embeddings", "yes",
            "'{0}/config.json': tie_word_embeddings must be true or false, not \"yes\"."),
        ["no weights"] = (folder => File.Delete(Path.Combine(folder, "model.safetensors")),
            "'{0}' has neither model.safetensors nor model.safetensors.index.json; weights in other formats cannot be imported."),
        ["weights cut off"] = (folder => Cut(Path.Combine(folder, "model.safetensors"), 1000),
            "'{0}/model.safetensors' is cut off inside its header: 1000 bytes of at least 2104; download it again."),
        ["tensor missing"] = Weights(entry => entry.Name == Query ? null : entry,
            $"'{{0}}': the weights have no tensor '{Query}', which config.json asks for."),
        ["tensor of another shape"] = Weights(entry => entry.Name == Query ? entry with { Shape = [64, 63] } : entry,
            $"'{{0}}': tensor '{Query}' has shape [64, 63], but config.json asks for [64, 64]."),
        ["bias missing"] = Set("attention_bias", true,
            "'{0}': the weights have no tensor 'model.layers.0.self_attn.q_proj.bias', which config.json asks for."),
        ["not a number"] = (folder => TinyModel.Reweigh(folder, entry => entry, float.NaN),
            "Tensor 'model.embed_tokens.weight' has weights that are not finite numbers; download the model again."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_folder_is_refused_in_one_line_and_nothing_is_left_behind(string name)
    {
        using var temp = new TempFolder();
        RandomModel.Write(temp["source"], TinyModel.Llama, seed: 1);
        var (breakIt, message) = Cases[name];
        breakIt(temp["source"]);

        var fault = Assert.Throws<ModelFolderException>(() => ModelImporter.Import(temp["source"], temp["target"], WeightFormat.Int8));
        Assert.Equal(message.Replace("{0}", temp["source"]), fault.Message);
        Assert.Equal([temp["source"]], Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused()
    {
        using var temp = new TempFolder();
        var fault = Assert.Throws<ModelFolderException>(() => ModelImporter.Import(temp["none"], temp["target"], WeightFormat.Int8));
        Assert.Equal($"'{temp["none"]}' does not exist.", fault.Message);
    }

    [Fact]
    public void A_target_that_is_there_is_left_alone()
    {
        using var temp = new TempFolder();
        RandomModel.Write(temp["source"], TinyModel.Llama, seed: 1);
        Directory.CreateDirectory(temp["target"]);
        var fault = Assert.Throws<ModelFolderException>(() => ModelImporter.Import(temp["source"], temp["target"], WeightFormat.Int8));
        Assert.Equal($"'{temp["target"]}' exists already; delete it or name another folder.", fault.Message);
        Assert.Empty(Directory.GetFileSystemEntries(temp["target"]));
    }

    [Fact]
    public void A_hidden_size_that_no_embedding_block_divides_is_refused_for_quantised_formats_only()
    {
        using var temp = new TempFolder();
        RandomModel.Write(temp["source"], TinyModel.Llama with { Hidden = 40 }, seed: 1);
        var fault = Assert.Throws<ModelFolderException>(() => ModelImporter.Import(temp["source"], temp["target"], WeightFormat.Int4Block128));
        Assert.Equal("The hidden size is 40; quantised formats need a multiple of 16: import as float32.", fault.Message);
        ModelImporter.Import(temp["source"], temp["target"], WeightFormat.Float32);
    }

    [Theory]
    [InlineData(WeightFormat.Int4Block32, float.NaN, "embed_tokens", "has weights that are not finite numbers; download the model again.")]
    [InlineData(WeightFormat.Int8Block32, float.PositiveInfinity, "embed_tokens", "has weights that are not finite numbers; download the model again.")]
    [InlineData(WeightFormat.Int4Whole, 1e6f, "embed_tokens", "has weights too large for this format; import as int8 or float32.")]
    [InlineData(WeightFormat.Int4Block32, 1e6f, "layers.0.self_attn.q_proj", "has weights too large for this format; import as int8 or float32.")]
    [InlineData(WeightFormat.Int8Block32, -1e7f, "embed_tokens", "has weights too large for this format; import as int8 or float32.")]
    public void Weights_whose_scale_is_no_float16_are_refused(WeightFormat format, float weight, string tensor, string fault)
    {
        using var temp = new TempFolder();
        RandomModel.Write(temp["source"], TinyModel.Llama, seed: 1);
        TinyModel.Reweigh(temp["source"], entry => entry, weight);
        var error = Assert.Throws<ModelFolderException>(() => ModelImporter.Import(temp["source"], temp["target"], format));
        Assert.Equal($"Tensor 'model.{tensor}.weight' {fault}", error.Message);
        Assert.Equal([temp["source"]], Directory.GetFileSystemEntries(temp.Path));
    }

    private static (Action<string>, string) Set(string name, JsonNode? value, string message) =>
        (folder => TinyModel.Configure(folder, name, value?.DeepClone()), message);

    private static (Action<string>, string) Weights(Func<SafetensorsEntry, SafetensorsEntry?> change, string message) =>
        (folder => TinyModel.Reweigh(folder, change), message);

    private static void Cut(string path, int length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
