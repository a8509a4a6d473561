using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Exported;
using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tests.Reference;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>A model exported as an ONNX graph and imported again is the model imported, and answers as its graph does.</summary>
public sealed class ExportedModelTests : IDisposable
{
    private static readonly Dictionary<string, GenaiForm> Forms = new()
    {
        ["floats"] = new(),
        ["floats, three projections"] = new() { Packed = false },
        ["4 bits"] = new(4),
        ["4 bits, blocks of 128"] = new(4, 128),
        ["4 bits, three projections, zero points"] = new(4) { Packed = false, Offsets = true },
        ["4 bits, one table"] = new(4) { BlockTable = true },
        ["8 bits, one table"] = new(8) { BlockTable = true },
        ["2 bits"] = new(2),
    };

    private readonly TempFolder _temp = new();

    public static TheoryData<string> Shapes => [.. TinyModel.Shapes.Keys];

    public static TheoryData<string> FormNames => [.. Forms.Keys];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_graph_of_plain_operators_gives_bit_for_bit_what_its_folder_gives(string shape)
    {
        using var source = Source(TinyModel.Shapes[shape]);
        source.CopyFiles(_temp["export"], config: true);
        new OptimumGraph(source).Save(_temp["export/model.onnx"], "model.onnx_data");
        AssertSameImports(WeightFormat.Float32, WeightFormat.Int8, WeightFormat.Int4Block32);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_graph_with_one_operator_for_attention_gives_bit_for_bit_what_its_folder_gives(string shape)
    {
        using var source = Source(TinyModel.Shapes[shape]);
        source.CopyFiles(_temp["export"], config: true);
        new GenaiGraph(source, new GenaiForm()).Save(_temp["export/model.onnx"]);
        AssertSameImports(WeightFormat.Float32);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2, tied, bf16")]
    [InlineData("llama, seven queries to a key, head of 8")]
    public void Logits_are_those_of_the_graph_of_plain_operators(string shape)
    {
        using var source = Source(TinyModel.Shapes[shape]);
        source.CopyFiles(_temp["export"], config: true);
        new OptimumGraph(source, headOfTable: true).Save(_temp["export/model.onnx"], "model.onnx_data");
        ModelImporter.Import(_temp["export"], _temp["imported"], WeightFormat.Float32);
        AssertSameLogits(_temp["export/model.onnx"], 1e-5);
    }

    [Theory]
    [MemberData(nameof(FormNames))]
    public void Logits_are_those_of_the_graph_with_one_operator_for_attention(string form)
    {
        using var source = Source(TinyModel.Qwen2 with { Hidden = 128, Mlp = 256 });
        WriteGenai(source, Forms[form]);
        ModelImporter.Import(_temp["export"], _temp["imported"], WeightFormat.Float32);
        AssertSameLogits(_temp["export/graph.onnx"], 1e-4);
    }

    [Theory]
    [InlineData("4 bits", WeightFormat.Int4Block32)]
    [InlineData("4 bits, blocks of 128", WeightFormat.Int4Block32)]
    [InlineData("4 bits, blocks of 128", WeightFormat.Int4Block128)]
    [InlineData("4 bits, one table", WeightFormat.Int4Whole)]
    [InlineData("8 bits, one table", WeightFormat.Int8Block32)]
    [InlineData("2 bits", WeightFormat.Int4Block32)]
    [InlineData("4 bits, three projections, zero points", WeightFormat.Float32)]
    public void Codes_and_scales_are_kept_where_the_format_can_hold_them(string form, WeightFormat format)
    {
        using var source = Source(TinyModel.Llama with { Hidden = 128, Mlp = 256, HeadSize = 32, Tied = Forms[form].BlockTable });
        var values = WriteGenai(source, Forms[form]);
        ModelImporter.Import(_temp["export"], _temp["imported"], format);

        var imported = new ImportedWeights(_temp["imported"]);
        Same("layers.0.gate", "model.layers.0.mlp.gate_proj");
        Same("layers.1.down", "model.layers.1.mlp.down_proj");
        Same("layers.1.attention_output", "model.layers.1.self_attn.o_proj");
        Same("logits", "lm_head");
        if (!Forms[form].Packed) return;
        Same("layers.1.qkv", "model.layers.1.self_attn.qkv_proj");

        void Same(string layer, string name) =>
            Assert.Equal(Array.ConvertAll(values[name], value => (double)value), imported.Find($"{layer}.weight"));
    }

    [Theory]
    [InlineData("floats", "int8")]
    [InlineData("4 bits", "int4-32")]
    [InlineData("8 bits, one table", "int8")]
    public void Without_a_format_few_bits_stay_few(string form, string format)
    {
        using var source = Source(TinyModel.Llama with { Hidden = 128, Mlp = 256 });
        WriteGenai(source, Forms[form]);
        Assert.Equal(format, WeightFormats.NameOf(ModelImporter.DefaultFormat(_temp["export"])));
    }

    [Fact]
    public void A_folder_without_config_json_gives_what_its_own_configuration_and_its_tables_say()
    {
        using var source = Source(TinyModel.Qwen2);
        source.CopyFiles(_temp["export"], config: false);
        File.Delete(_temp["export/generation_config.json"]);
        new GenaiGraph(source, new GenaiForm(4)).Save(_temp["export/graph.onnx"], "graph.onnx.data");
        GenaiGraph.WriteConfig(_temp["export"], source, "graph.onnx", "qwen2");
        var metadata = ModelImporter.Import(_temp["export"], _temp["imported"], WeightFormat.Int4Block32);

        var expected = ModelImporter.Import(_temp["source"], _temp["expected"], WeightFormat.Int4Block32);
        Assert.Equal(expected with { Name = "export", Rope = metadata.Rope }, metadata);
        Assert.Equal(1, metadata.Rope.AttentionScale);
        foreach (var (wanted, found) in expected.Rope.InverseFrequencies.Zip(metadata.Rope.InverseFrequencies))
            Assert.InRange(found, wanted * (1 - 1e-4f) - 1e-9f, wanted * (1 + 1e-4f) + 1e-9f);
        var folder = ModelFolder.Open(_temp["imported"]);
        Assert.Equal([299], folder.EosTokenIds);
        Assert.Equal(1, folder.BosTokenId);
        Assert.Equal(File.ReadAllBytes(_temp["source/tokenizer.json"]), File.ReadAllBytes(_temp["imported/tokenizer.json"]));
    }

    [Fact]
    public void Half_weights_are_read_as_they_are()
    {
        using var source = Source(TinyModel.Llama with { WeightType = SafetensorsType.F16 });
        source.CopyFiles(_temp["export"], config: true);
        new OptimumGraph(source).Halved().Save(_temp["export/model.onnx"]);
        AssertSameImports(WeightFormat.Float32);
    }

    [Fact]
    public void The_graph_with_the_most_precision_is_taken_or_the_one_that_is_named()
    {
        using var source = Source(TinyModel.Llama with { Hidden = 128, Mlp = 256 });
        source.CopyFiles(_temp["export"], config: true);
        Directory.CreateDirectory(_temp["export/onnx"]);
        foreach (var (file, bits) in (ReadOnlySpan<(string, int)>)[("model_q4.onnx", 4), ("model_q4f16.onnx", 8)])
            new GenaiGraph(source, new GenaiForm(bits)).Save(_temp[$"export/onnx/{file}"], file + "_data");
        Assert.Equal(ModelFolderKind.OnnxExport, ModelFolder.KindOf(_temp["export"]));
        Assert.Equal(_temp["export/onnx/model_q4.onnx"], ExportedFolder.FindGraph(_temp["export"]));
        Assert.Equal(WeightFormat.Int4Block32, ModelImporter.DefaultFormat(_temp["export"]));
        Assert.Equal(WeightFormat.Int8, ModelImporter.DefaultFormat(_temp["export/onnx/model_q4f16.onnx"]));

        new GenaiGraph(source, new GenaiForm()).Save(_temp["export/onnx/model_fp16.onnx"]);
        Assert.Equal(_temp["export/onnx/model_fp16.onnx"], ExportedFolder.FindGraph(_temp["export"]));
        var named = ModelImporter.Import(_temp["export/onnx/model_q4.onnx"], _temp["imported"], WeightFormat.Int4Block32);
        Assert.Equal("export", named.Name);
        Assert.Contains(_temp["export/onnx/model_q4.onnx_data"], ModelImporter.SourceFiles(_temp["export/onnx/model_q4.onnx"]));
        Assert.Contains(_temp["export/tokenizer.json"], ModelImporter.SourceFiles(_temp["export/onnx/model_q4.onnx"]));
        Assert.Contains("import it with 'streamcore import' first", Assert.Throws<ModelFolderException>(() => ModelFolder.Open(_temp["export"])).Message);
    }

    private ExporterSource Source(RandomModelShape shape)
    {
        RandomModel.Write(_temp["source"], shape, seed: 3);
        return new ExporterSource(_temp["source"], shape);
    }

    private Dictionary<string, float[]> WriteGenai(ExporterSource source, GenaiForm form)
    {
        source.CopyFiles(_temp["export"], config: true);
        var graph = new GenaiGraph(source, form);
        graph.Save(_temp["export/graph.onnx"], "graph.onnx.data");
        GenaiGraph.WriteConfig(_temp["export"], source, "graph.onnx", "any");
        return graph.Values;
    }

    private void AssertSameImports(params WeightFormat[] formats)
    {
        foreach (var format in formats)
        {
            var expected = ModelImporter.Import(_temp["source"], _temp[$"expected {format}"], format);
            var found = ModelImporter.Import(_temp["export"], _temp[$"found {format}"], format);
            foreach (var file in (string[])["model.onnx", "model.onnx.data", "config.json", "tokenizer.json"])
                Assert.Equal(File.ReadAllBytes(_temp[$"expected {format}/{file}"]), File.ReadAllBytes(_temp[$"found {format}/{file}"]));
            Assert.Equal(expected.Rope.InverseFrequencies, found.Rope.InverseFrequencies);
            Assert.Equal(expected with { Name = "export", Rope = found.Rope }, found);
        }
    }

    /// <summary>The graph runs one sequence with a cache that grows; the import runs it whole, in chunks and in company.</summary>
    private void AssertSameLogits(string graph, double tolerance)
    {
        var sequences = ImportedModels.Sequences;
        using var engine = OnnxBatchEngine.Load(_temp["imported"], new OnnxOptions { CacheBytes = 8 << 20, CacheType = KvCacheType.Float32, Threads = 2 });
        using var loop = new GraphLoop(graph);
        float[][] expected = [.. loop.Step(sequences[0].AsSpan(0, 12)), .. sequences[0].AsSpan(12).ToArray().SelectMany(token => loop.Step(token))];
        AssertNear(expected, new EngineDriver(engine).Run(sequences[0], 40), tolerance);
        AssertNear(expected, new EngineDriver(engine).Run(sequences[0], 5, 1, 16, 11, 7), tolerance);

        using var other = new GraphLoop(graph);
        var driver = new EngineDriver(engine);
        var first = driver.Step((sequences[0], 12, true));
        var mixed = driver.Step((sequences[1], 9, true), (sequences[0], 28, true));
        AssertNear(expected, [.. first[0], .. mixed[1]], tolerance);
        AssertNear(other.Step(sequences[1]), mixed[0], tolerance);
    }

    private static void AssertNear(float[][] expected, float[][] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (e, f) in expected.Zip(found))
            Assert.InRange(Math.Sqrt(e.Zip(f, (x, y) => (double)(x - y) * (x - y)).Sum() / e.Sum(x => (double)x * x)), 0, tolerance);
    }
}
