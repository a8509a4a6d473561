using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import;

public sealed class ModelImporterTests
{
    [Theory]
    [InlineData("llama-tiny")]
    [InlineData("qwen2-tiny")]
    public void A_random_model_is_imported_whole(string preset)
    {
        using var temp = new TempFolder();
        RandomModel.Write(temp["source"], preset, seed: 1);
        ModelImporter.Import(temp["source"], temp["target"], WeightFormat.Float32);

        Assert.Equal(
            ["config.json", "generation_config.json", "model.onnx", "model.onnx.data", "streamcore.json", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(temp["target"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["source", "target"], Directory.GetDirectories(temp.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(2, ModelMetadata.Load(temp["target"]).LayerCount);
    }
}
