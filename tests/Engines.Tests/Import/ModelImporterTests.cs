using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tests.Reference;
using Xunit;

namespace StreamCore.Engines.Tests.Import;

public sealed class ModelImporterTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("llama-tiny", "llama")]
    [InlineData("qwen2-tiny", "qwen2")]
    public void A_model_is_imported_whole_and_only_under_its_own_name(string preset, string family)
    {
        RandomModel.Write(_temp["source"], preset, seed: 1);
        ModelImporter.Import(_temp["source"], _temp["target"], WeightFormat.Int4Block32);

        Assert.Equal(
            ["config.json", "generation_config.json", "model.onnx", "model.onnx.data", "streamcore.json", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(_temp["target"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["source", "target"], Directory.GetDirectories(_temp.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var metadata = ModelMetadata.Load(_temp["target"]);
        Assert.Equal(("source", family, "int4-32"), (metadata.Name, metadata.Architecture, metadata.Weights));
        Assert.Equal((512, 64, 2, 4, 16), (metadata.VocabularySize, metadata.HiddenSize, metadata.LayerCount, metadata.HeadCount, metadata.HeadSize));
    }

    [Fact]
    public void Float_weights_are_the_sources_own()
    {
        Import(TinyModel.Qwen2, WeightFormat.Float32);
        using var source = new SourceWeights(_temp["source"]);
        var imported = new ImportedWeights(_temp["target"]);
        foreach (var name in (string[])["embedding.weight", "layers.1.qkv.weight", "layers.0.qkv.bias", "layers.1.down.weight", "norm.weight"])
            Assert.Equal(source.Find(name), imported.Find(name));
    }

    [Theory]
    [InlineData(WeightFormat.Int4Block32, 0.05, 0.10, 0.003, 0.01)]
    [InlineData(WeightFormat.Int4Whole, 0.05, 0.10, 0.05, 0.10)]
    [InlineData(WeightFormat.Int8Block32, 0.003, 0.01, 0.003, 0.01)]
    [InlineData(WeightFormat.Int4Block128, 0.06, 0.11, 0.003, 0.01)]
    [InlineData(WeightFormat.Int8, 0.003, 0.01, 0.003, 0.01)]
    public void Quantised_weights_are_near_the_sources_own(WeightFormat format, double least, double most, double tableLeast, double tableMost)
    {
        Import(TinyModel.Shapes["llama, head of 128, sizes that blocks do not divide"], format);
        using var source = new SourceWeights(_temp["source"]);
        var imported = new ImportedWeights(_temp["target"]);
        foreach (var layer in (string[])["qkv", "attention_output", "gate", "up", "down"])
            Assert.InRange(Error($"layers.1.{layer}.weight"), least, most);
        Assert.InRange(Error("embedding.weight"), tableLeast, tableMost);
        Assert.InRange(Error("logits.weight"), tableLeast, tableMost);
        Assert.Equal(source.Find("layers.0.mlp_norm.weight"), imported.Find("layers.0.mlp_norm.weight"));

        double Error(string name)
        {
            var (exact, near) = (source.Find(name)!, imported.Find(name)!);
            return Math.Sqrt(exact.Zip(near, (a, b) => (a - b) * (a - b)).Sum() / exact.Sum(a => a * a));
        }
    }

    [Theory]
    [InlineData(WeightFormat.Int8)]
    [InlineData(WeightFormat.Int8Block32)]
    public void A_wide_layer_comes_out_the_same_however_it_is_cut_into_chunks(WeightFormat format)
    {
        // 5 million weights a matrix: more than one chunk, and the last one not full.
        Import(TinyModel.Llama with { Layers = 1, Hidden = 1024, Heads = 8, HeadSize = 128, KvHeads = 8, Mlp = 5000 }, format);
        using var source = new SourceWeights(_temp["source"]);
        var imported = new ImportedWeights(_temp["target"]);
        var (exact, near) = (source.Find("layers.0.gate.weight")!, imported.Find("layers.0.gate.weight")!);
        Assert.InRange(exact.Zip(near, (a, b) => Math.Abs(a - b)).Max(), 0, 0.5 * 5 / 127 / 32);
    }

    [Theory]
    [InlineData(WeightFormat.Float32, 32)]
    [InlineData(WeightFormat.Int4Block32, 8)]
    [InlineData(WeightFormat.Int4Whole, 4)]
    [InlineData(WeightFormat.Int8Block32, 8)]
    public void A_tied_head_lies_in_the_file_once(WeightFormat format, int tableBits)
    {
        Import(TinyModel.Qwen2, format);
        var tied = new FileInfo(_temp["target/model.onnx.data"]).Length;
        RandomModel.Write(_temp["source2"], TinyModel.Qwen2 with { Tied = false }, seed: 1);
        ModelImporter.Import(_temp["source2"], _temp["target2"], format);
        Assert.True(tied + 300 * 64 * tableBits / 8 <= new FileInfo(_temp["target2/model.onnx.data"]).Length);
    }

    [Fact]
    public void Weights_lie_on_pages_and_do_not_overlap()
    {
        Import(TinyModel.Llama, WeightFormat.Int8);
        var end = 0L;
        foreach (var weight in new OnnxFileReader(_temp["target"]).Weights.Values.OrderBy(w => w.Offset))
        {
            Assert.Equal(0, weight.Offset % 4096);
            Assert.True(weight.Offset >= end);
            end = weight.Offset + weight.Length;
        }
        Assert.Equal(end, new FileInfo(_temp["target/model.onnx.data"]).Length);
    }

    [Theory]
    [InlineData(WeightFormat.Int4Block128)]
    [InlineData(WeightFormat.Int4Block32)]
    public void The_same_source_gives_the_same_bytes(WeightFormat format)
    {
        Import(TinyModel.Llama, format);
        ModelImporter.Import(_temp["source"], _temp["again"], format);
        foreach (var file in Directory.GetFiles(_temp["target"]))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_temp["again"], Path.GetFileName(file))));
    }

    [Fact]
    public void Progress_goes_up_to_the_whole()
    {
        RandomModel.Write(_temp["source"], TinyModel.Llama, seed: 1);
        var seen = new Seen();
        ModelImporter.Import(_temp["source"], _temp["target"], WeightFormat.Int8, seen);
        Assert.Equal(seen.Values.Order(), seen.Values);
        Assert.Equal(1, seen.Values[^1]);
    }

    [Fact]
    public void An_import_that_is_cancelled_leaves_nothing()
    {
        RandomModel.Write(_temp["source"], TinyModel.Llama, seed: 1);
        using var cancellation = new CancellationTokenSource();
        var seen = new Seen { Then = cancellation.Cancel };
        Assert.Throws<OperationCanceledException>(
            () => ModelImporter.Import(_temp["source"], _temp["target"], WeightFormat.Int8, seen, cancellation.Token));
        Assert.Equal([_temp["source"]], Directory.GetFileSystemEntries(_temp.Path));
    }

    private void Import(RandomModelShape shape, WeightFormat format)
    {
        RandomModel.Write(_temp["source"], shape, seed: 1);
        ModelImporter.Import(_temp["source"], _temp["target"], format);
    }

    private sealed class Seen : IProgress<ImportProgress>
    {
        public List<double> Values { get; } = [];

        public Action Then { get; init; } = () => { };

        public void Report(ImportProgress value)
        {
            Values.Add(value.Fraction);
            Then();
        }
    }
}
