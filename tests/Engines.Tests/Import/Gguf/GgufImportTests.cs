using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tests.Reference;
using StreamCore.Engines.Tokenization;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Gguf;

/// <summary>A folder written as a GGUF file and imported again is the folder imported.</summary>
public sealed class GgufImportTests : IDisposable
{
    private static readonly string[] Layers =
        ["embedding", "layers.0.qkv", "layers.1.qkv", "layers.0.attention_output", "layers.1.gate", "layers.1.up", "layers.0.down", "logits"];

    private readonly TempFolder _temp = new();

    public static TheoryData<string> Shapes => [.. TinyModel.Shapes.Keys];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Graph_and_weights_are_bit_for_bit_those_of_the_folder(string shape)
    {
        var file = RawGguf.Make(_temp, TinyModel.Shapes[shape], "F32");
        ModelImporter.Import(_temp["source"], _temp["folder"], WeightFormat.Float32);
        ModelImporter.Import(file, _temp["file"], WeightFormat.Float32);
        Assert.Equal(File.ReadAllBytes(_temp["folder/model.onnx"]), File.ReadAllBytes(_temp["file/model.onnx"]));
        Assert.Equal(File.ReadAllBytes(_temp["folder/model.onnx.data"]), File.ReadAllBytes(_temp["file/model.onnx.data"]));
        var (folder, again) = (ModelMetadata.Load(_temp["folder"]), ModelMetadata.Load(_temp["file"]));
        Assert.Equal(folder.Rope.InverseFrequencies, again.Rope.InverseFrequencies);
        Assert.Equal(folder with { Rope = again.Rope, Name = "source-F32" }, again);
    }

    [Fact]
    public void Logits_are_bit_for_bit_those_of_the_folder()
    {
        var file = RawGguf.Make(_temp, TinyModel.Llama, "F32");
        Assert.Equal(Logits(_temp["source"], "folder"), Logits(file, "file"));

        float[][] Logits(string source, string target)
        {
            ModelImporter.Import(source, _temp[target], WeightFormat.Float32);
            using var engine = OnnxBatchEngine.Load(
                _temp[target], new OnnxOptions { CacheBytes = 8 << 20, CacheType = KvCacheType.Float32, Threads = 2 });
            return new EngineDriver(engine).Run(ImportedModels.Sequences[0], 40);
        }
    }

    [Fact]
    public void Scaled_rotary_embedding_comes_through_the_factors_tensor()
    {
        var file = RawGguf.Make(_temp, TinyModel.Llama with
        {
            RopeTheta = 500_000,
            Context = 131_072,
            RopeScaling = """
                {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
                """,
        }, "F32");
        ModelImporter.Import(_temp["source"], _temp["folder"], WeightFormat.Float32);
        ModelImporter.Import(file, _temp["file"], WeightFormat.Float32);
        var (folder, again) = (ModelMetadata.Load(_temp["folder"]).Rope.InverseFrequencies, ModelMetadata.Load(_temp["file"]).Rope.InverseFrequencies);
        Assert.Equal(folder.Length, again.Length);
        foreach (var (a, b) in folder.Zip(again)) Assert.Equal(1, b / a, 1e-6);
    }

    [Theory]
    [InlineData("llama", "Q4_0", WeightFormat.Int4Block32)]
    [InlineData("qwen2, tied, bf16", "Q4_0", WeightFormat.Int4Block32)]
    [InlineData("llama", "Q4_0", WeightFormat.Int8Block32)]
    [InlineData("llama", "Q8_0", WeightFormat.Int8Block32)]
    [InlineData("qwen2, tied, bf16", "Q8_0", WeightFormat.Int8Block32)]
    public void Blocks_are_kept_as_they_are(string shape, string type, WeightFormat format)
    {
        var file = RawGguf.Make(_temp, TinyModel.Shapes[shape], type);
        ModelImporter.Import(file, _temp["blocks"], format);
        ModelImporter.Import(file, _temp["float"], WeightFormat.Float32);
        var (kept, exact) = (new ImportedWeights(_temp["blocks"]), new ImportedWeights(_temp["float"]));
        foreach (var layer in Layers) Assert.Equal(exact.Find($"{layer}.weight"), kept.Find($"{layer}.weight"));
    }

    [Theory]
    [InlineData("Q4_0", WeightFormat.Int4Block32, 18)]
    [InlineData("Q8_0", WeightFormat.Int8Block32, 34)]
    public void A_layer_of_blocks_lies_in_the_model_code_for_code_and_scale_for_scale(string type, WeightFormat format, int blockBytes)
    {
        var path = RawGguf.Make(_temp, TinyModel.Llama, type);
        ModelImporter.Import(path, _temp["blocks"], format);
        var imported = new ImportedWeights(_temp["blocks"]).Panels("layers.1.down");

        using var file = GgufFile.Open(path);
        var info = file.Tensors["blk.1.ffn_down.weight"];
        var source = new byte[info.Length];
        file.Read(info.Offset, source);
        Assert.Equal(64 * 96 / 32 * blockBytes, source.Length);
        for (var block = 0; block < 64 * 96 / 32; block++)
        {
            var (output, first, at) = (block / 3, block % 3 * 32, block * blockBytes);
            Assert.Equal(BitConverter.ToUInt16(source, at), BitConverter.HalfToUInt16Bits(imported.Scale(output, first)));
            for (var i = 0; i < 32; i++)
            {
                var given = type == "Q8_0" ? (sbyte)source[at + 2 + i] : (source[at + 2 + i % 16] >> (i / 16 * 4) & 15) - 8;
                Assert.Equal(given, imported.Code(output, first + i));
            }
        }
    }

    [Fact]
    public void Eight_bit_blocks_are_cut_anew_for_each_output_and_kept_in_the_embedding()
    {
        var file = RawGguf.Make(_temp, TinyModel.Llama, "Q8_0");
        Assert.Equal(WeightFormat.Int8, ModelImporter.DefaultFormat(file));
        ModelImporter.Import(file, _temp["int8"], WeightFormat.Int8);
        ModelImporter.Import(file, _temp["float"], WeightFormat.Float32);
        var (near, exact) = (new ImportedWeights(_temp["int8"]), new ImportedWeights(_temp["float"]));
        Assert.Equal(exact.Find("embedding.weight"), near.Find("embedding.weight"));
        foreach (var layer in Layers[1..])
        {
            var (e, n) = (exact.Find($"{layer}.weight")!, near.Find($"{layer}.weight")!);
            Assert.InRange(Math.Sqrt(e.Zip(n, (a, b) => (a - b) * (a - b)).Sum() / e.Sum(a => a * a)), 0.001, 0.01);
        }
    }

    [Fact]
    public void Every_type_is_read_wherever_it_stands()
    {
        // Rows of 256 hold whole blocks of every type; the blocks' bytes are random, their floats small.
        var path = RawGguf.Make(_temp, TinyModel.Llama with { Hidden = 256, Heads = 4, HeadSize = 64, Mlp = 256, Layers = 3 }, "F32");
        string[] types = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q4_1", "Q5_0", "Q5_1", "F16", "BF16", "Q8_0", "Q4_0"];
        var random = new Random(1);
        var (next, blocks) = (0, new Dictionary<string, (GgufType Type, byte[] Bytes)>());
        RawGguf.Rewrite(path, (info, bytes) =>
        {
            if (info.Shape.Length < 2 || info.Name.Contains("attn_", StringComparison.Ordinal)) return (info.Name, (uint)info.Type, info.Shape, bytes);
            var type = Enum.Parse<GgufType>(types[next++ % types.Length]);
            blocks[info.Name] = (type, RandomBlocks(random, type, info.ElementCount));
            return (info.Name, (uint)type, info.Shape, blocks[info.Name].Bytes);
        });
        Assert.True(next >= types.Length - 1);
        ModelImporter.Import(path, _temp["float"], WeightFormat.Float32);
        var imported = new ImportedWeights(_temp["float"]);
        foreach (var (name, (type, bytes)) in blocks.Where(block => block.Key.StartsWith("blk.", StringComparison.Ordinal)))
        {
            var values = new float[256 * 256];
            GgufBlocks.Read(type, bytes, values);
            var parts = name.Split('.');
            Assert.Equal(Array.ConvertAll(values, value => (double)value), imported.Find($"layers.{parts[1]}.{parts[2]["ffn_".Length..]}.weight"));
        }
        foreach (var format in (WeightFormat[])[WeightFormat.Int4Block32, WeightFormat.Int4Whole, WeightFormat.Int8Block32, WeightFormat.Int4Block128, WeightFormat.Int8])
            Assert.Equal("source-F32", ModelImporter.Import(path, _temp[$"{format}"], format).Name);
    }

    [Theory]
    [InlineData("F32", WeightFormat.Int8)]
    [InlineData("F16", WeightFormat.Int8)]
    [InlineData("Q8_0", WeightFormat.Int8)]
    [InlineData("Q4_0", WeightFormat.Int4Block32)]
    public void The_format_follows_what_the_file_holds(string type, WeightFormat format) =>
        Assert.Equal(format, ModelImporter.DefaultFormat(RawGguf.Make(_temp, TinyModel.Llama, type)));

    [Theory]
    [InlineData("llama-tiny")]
    [InlineData("qwen2-tiny")]
    public void Tokenizer_endings_and_template_are_those_of_the_folder(string preset)
    {
        RandomModel.Write(_temp["source"], preset, seed: 1);
        GgufExport.Write(_temp["source"], _temp["m.gguf"], "Q8_0");
        ModelImporter.Import(_temp["m.gguf"], _temp["target"], WeightFormat.Int8);

        var (source, target) = (ModelFolder.Open(_temp["source"]), ModelFolder.Open(_temp["target"]));
        Assert.Equal(source.EosTokenIds, target.EosTokenIds);
        Assert.Equal((source.ChatTemplate, source.EosToken, source.BosToken, source.AddsBosToken, source.MaxContextTokens),
            (target.ChatTemplate, target.EosToken, target.BosToken, target.AddsBosToken, target.MaxContextTokens));
        var (own, again) = (TokenizerLoader.Load(_temp["source"]), TokenizerLoader.Load(_temp["target"]));
        Assert.Equal(own.VocabularySize, again.VocabularySize);
        foreach (var text in (string[])["Hello, world! It's 12:30.", "<|im_start|>user\nabc<|im_end|>\n", "Grüße 你好 🙂\n\n  x", ""])
        {
            Assert.Equal(own.Encode(text, special: true), again.Encode(text, special: true));
            Assert.Equal(own.Encode(text, special: false), again.Encode(text, special: false));
        }
        for (var id = 0; id < own.VocabularySize; id++)
        {
            Assert.Equal(own.IsSpecial(id), again.IsSpecial(id));
            Assert.Equal(own.Bytes(id), again.Bytes(id));
        }
    }

    [Fact]
    public void A_file_that_is_there_is_left_alone_and_a_type_must_be_known()
    {
        var file = RawGguf.Make(_temp, TinyModel.Llama, "F16");
        var length = new FileInfo(file).Length;
        Assert.Equal($"'{file}' exists already; delete it or name another file.",
            Assert.Throws<ModelFolderException>(() => GgufExport.Write(_temp["source"], file, "F32")).Message);
        Assert.Equal(length, new FileInfo(file).Length);
        Assert.Equal("'Q5_K' cannot be written; known types: F32, F16, Q8_0, Q4_0.",
            Assert.Throws<ModelFolderException>(() => GgufExport.Write(_temp["source"], _temp["x"], "Q5_K")).Message);
    }

    private static byte[] RandomBlocks(Random random, GgufType type, long count)
    {
        GgufTypes.TryGetBlock(type, out var elements, out var size);
        var bytes = new byte[count / elements * size];
        random.NextBytes(bytes);
        var floats = type switch
        {
            GgufType.Q2_K => new[] { 80, 82 },
            GgufType.Q3_K => [108],
            GgufType.Q6_K => [208],
            GgufType.Q4_0 or GgufType.Q5_0 or GgufType.Q8_0 => [0],
            GgufType.F16 or GgufType.BF16 => [0],
            _ => [0, 2],
        };
        for (var block = 0; block < bytes.Length; block += size)
            foreach (var place in floats)
                BitConverter.GetBytes((Half)(random.NextDouble() * 0.01)).CopyTo(bytes, block + place);
        return bytes;
    }
}
