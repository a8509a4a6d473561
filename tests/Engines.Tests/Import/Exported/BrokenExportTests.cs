using System.Text;
using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Exported;
using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>A sound export, broken in one place at a time; {0} in a message is the graph, {1} its folder.</summary>
public sealed class BrokenExportTests
{
    private const string DataFile = "model.onnx_data";

    private const string Advice = ": only Llama, Mistral and Qwen2 models as Optimum and onnxruntime-genai write them can be imported; "
        + "get its float32, float16 or q4 export, or its safetensors folder.";

    private static readonly Dictionary<string, (bool Genai, Action<string> Break, string Message)> Cases = new()
    {
        ["empty"] = (false, graph => File.WriteAllBytes(graph, []), "'{0}' is not a sound ONNX file: it has no graph; download it again."),
        ["something else"] = (false, graph => File.WriteAllText(graph, "no model"),
            "'{0}' is not a sound ONNX file: a field of it has an unknown form; download it again."),
        ["cut off"] = (false, graph => Cut(graph, 3000), "'{0}' is cut off: it has only 3000 bytes; download it again."),
        ["no data file"] = (false, graph => File.Delete(Data(graph)), "'{1}/model.onnx_data' is missing, which holds weights of '{0}'; download it too."),
        ["data file cut off"] = (false, graph => Cut(Data(graph), 1000),
            "'{1}/model.onnx_data' is cut off: it has 1000 bytes, and tensor 'model.embed_tokens.weight' would end at 76800; download it again."),
        ["data of another folder"] = (false, Replace(DataFile, "../model.onnx_d"),
            "'{0}' puts tensor 'model.embed_tokens.weight' into '../model.onnx_d', which is not a file of its folder."),
        ["data under an absolute path"] = (false, Replace(DataFile, "/etc/some_passwd"[..DataFile.Length]),
            "'{0}' puts tensor 'model.embed_tokens.weight' into '/etc/some_passw', which is not a file of its folder."),
        ["a tensor that is not there"] = (false, Replace("onnx::MatMul_1003", "onnx::MatMul_9999", once: true),
            "'{0}' is not a sound ONNX file: node '/MatMul_60' (MatMul) has an input 'onnx::MatMul_9999' that nothing before it makes; download it again."),
        ["other attention"] = (false, Replace("Softmax", "Softer_"), "'{0}' has node '/Softer__53' (Softer_) where a part of attention was looked for" + Advice),
        ["other activation"] = (false, Replace("Sigmoid", "Softer_"),
            "'{0}' has node '/Mul_133' (Mul) where SiLU of a gate, times another layer, was looked for" + Advice),
        ["no cache"] = (false, Replace("present.1.key", "resents.1.key"),
            "'{0}' has node '/Reshape_119' (Reshape) where attention with an output 'present.1.key' was looked for" + Advice),
        ["no logits"] = (false, Replace("logits", "scores"), "'{0}' has value 'logits' where a decoder's output 'logits' was looked for" + Advice),
        ["another number of layers"] = (false, Configure("num_hidden_layers", 3),
            "'{0}': num_hidden_layers is 2, but the configuration asks for 3; they do not belong together."),
        ["another epsilon"] = (false, Configure("rms_norm_eps", 0.001),
            "'{0}': rms_norm_eps is 1E-06, but the configuration asks for 0.001; they do not belong together."),
        ["other angles"] = (false, Configure("rope_theta", 500_000),
            "'{0}' has no rotary embedding with the angles that config.json asks for; they do not belong together, or it cannot be imported."),
        ["other tables"] = (true, Configure("rope_theta", 500_000),
            "'{0}': table 'cos_cache' turns position 1 otherwise than config.json asks for; they do not belong together."),
        ["other heads"] = (true, Configure("num_key_value_heads", 4),
            "'{0}': kv_num_heads of node '/model.layers.0.self_attn/output_0' (GroupQueryAttention) is 2, but the configuration asks for 4; "
            + "they do not belong together."),
        ["another width of heads"] = (true, graph => TinyModel.Configure(Path.GetDirectoryName(graph)!, "head_dim", 32),
            "'{0}': scale of node '/model.layers.0.self_attn/output_0' (GroupQueryAttention) is 0.25, but the configuration asks for 0.176777; "
            + "they do not belong together."),
        ["another MLP"] = (false, Configure("intermediate_size", 128),
            "'{0}': 'onnx::MatMul_1004', taken for 'model.layers.0.mlp.gate_proj.weight', has shape [96, 64], but the configuration asks for [128, 64]."),
        ["weights quantised otherwise"] = (false, graph => Lone(graph, "MatMulInteger"),
            "'{0}' has node '/y' (MatMulInteger), whose weights are quantised in a form that is not read: "
            + "get its float32, float16 or q4 export, or its safetensors folder."),
        ["two graphs in one"] = (false, graph => Lone(graph, "If"), "'{0}' has node '/y' (If), which chooses between two graphs: get the export that is not merged."),
        ["another softmax"] = (true, graph => Genai(graph, new GenaiForm { AttentionAttributes = [new OnnxAttribute("smooth_softmax", 1)] }),
            "'{0}': node '/model.layers.0.self_attn/output_0' (GroupQueryAttention) has a smooth softmax, which is not done here; "
            + "get its float32, float16 or q4 export, or its safetensors folder."),
        ["an imported model's graph"] = (false, graph => File.WriteAllText(Path.Combine(Path.GetDirectoryName(graph)!, "streamcore.json"), "{}"),
            "'{0}' belongs to an imported model; give its folder, '{1}'."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_export_is_refused_in_one_line_and_nothing_is_left_behind(string name)
    {
        using var temp = new TempFolder();
        var (genai, breakIt, message) = Cases[name];
        var graph = Make(temp, genai);
        breakIt(graph);

        var fault = Assert.Throws<ModelFolderException>(() => ModelImporter.Import(graph, temp["target"], WeightFormat.Int8));
        Assert.Equal(message.Replace("{0}", graph).Replace("{1}", Path.GetDirectoryName(graph)), fault.Message);
        Assert.Equal([temp["export"], temp["source"]], Directory.GetFileSystemEntries(temp.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("../other.onnx")]
    [InlineData("missing.onnx")]
    public void A_configuration_names_a_file_of_its_own_folder(string name)
    {
        using var temp = new TempFolder();
        Make(temp, genai: true);
        File.WriteAllBytes(temp["other.onnx"], []);
        File.WriteAllText(temp["export/genai_config.json"], """{"model": {"decoder": {"filename": "NAME"}}}""".Replace("NAME", name));
        Assert.Equal(
            $"'{temp["export/genai_config.json"]}' names '{name}' as the model's graph, which is not a file of its folder.",
            Assert.Throws<ModelFolderException>(() => ModelImporter.DefaultFormat(temp["export"])).Message);
    }

    /// <summary>A file that ends too early never gives a model.</summary>
    [Fact]
    public void No_cut_gives_a_model()
    {
        using var temp = new TempFolder();
        var graph = Make(temp, genai: false);
        var sound = File.ReadAllBytes(graph);
        // Behind the graph are only the versions of the operators.
        for (var length = 0; length < sound.Length - 32; length += 41)
        {
            File.WriteAllBytes(graph, sound[..length]);
            Assert.DoesNotContain('\n', Assert.Throws<ModelFolderException>(() => new ExportedModel(graph)).Message);
        }
    }

    /// <summary>Any bytes in any place give a model or one line, and never take much more memory than the file has.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_bytes_make_the_reader_fall_or_take_much_memory(bool genai)
    {
        using var temp = new TempFolder();
        var graph = Make(temp, genai);
        var sound = File.ReadAllBytes(graph);
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 1000; round++)
        {
            File.WriteAllBytes(graph, Spoiled(sound, random));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var model = new ExportedModel(graph);
                _ = new DecoderTensors(model);
            }
            catch (ModelFolderException fault)
            {
                refused++;
                Assert.DoesNotContain('\n', fault.Message);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        }
        Assert.InRange(refused, 500, 1000);
    }

    private static byte[] Spoiled(byte[] sound, Random random)
    {
        var bytes = sound.ToArray();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(bytes.Length);
            if (random.Next(2) == 0) bytes[at] = (byte)random.Next(256);
            else if (random.Next(2) == 0) bytes[at] ^= (byte)(1 << random.Next(8));
            else bytes.AsSpan(at, Math.Min(8, bytes.Length - at)).Fill(0xFF);
        }
        return bytes;
    }

    private static string Make(TempFolder temp, bool genai)
    {
        RandomModel.Write(temp["source"], TinyModel.Llama, seed: 1);
        using var source = new ExporterSource(temp["source"], TinyModel.Llama);
        source.CopyFiles(temp["export"], config: true);
        var graph = temp["export/model.onnx"];
        if (genai) new GenaiGraph(source, new GenaiForm()).Save(graph, DataFile);
        else new OptimumGraph(source).Save(graph, DataFile);
        return graph;
    }

    private static void Genai(string graph, GenaiForm form)
    {
        var folder = Path.Combine(Path.GetDirectoryName(graph)!, "../source");
        using var source = new ExporterSource(folder, TinyModel.Llama);
        new GenaiGraph(source, form).Save(graph, DataFile);
    }

    private static void Lone(string graph, string op)
    {
        var raw = new RawOnnx();
        raw.Input("x", OnnxType.Float, 1);
        raw.Output("y", OnnxType.Float, 1);
        raw.Node(op, "", ["x"], ["y"]);
        raw.Save(graph);
    }

    private static string Data(string graph) => Path.Combine(Path.GetDirectoryName(graph)!, DataFile);

    private static void Cut(string file, int length) => File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);

    private static Action<string> Configure(string name, double value) => graph => TinyModel.Configure(Path.GetDirectoryName(graph)!, name, value);

    /// <summary>Puts one text for another of the same length.</summary>
    private static Action<string> Replace(string old, string with, bool once = false) => graph =>
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(graph));
        Assert.Equal(old.Length, with.Length);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.InRange(at, 0, text.Length);
        File.WriteAllBytes(graph, Encoding.Latin1.GetBytes(once ? text.Remove(at, old.Length).Insert(at, with) : text.Replace(old, with)));
    };
}
