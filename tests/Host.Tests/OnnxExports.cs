using StreamCore.Engines.Models;
using StreamCore.Engines.Tests.Import.Exported;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>ONNX exports as a user meets them: named by folder or file, imported and served.</summary>
public sealed class OnnxExports : IDisposable
{
    private static readonly RandomModelShape Shape = new()
    {
        Architecture = "Qwen2ForCausalLM",
        Vocabulary = 300,
        Hidden = 64,
        Layers = 2,
        Heads = 4,
        KvHeads = 2,
        HeadSize = 16,
        Mlp = 96,
        Context = 512,
        Tied = true,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-onnx-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_folder_and_a_file_answer_as_the_model_they_were_made_of()
    {
        var (model, hub, genai) = (At("noise"), At("hub"), At("genai"));
        RandomModel.Write(model, Shape, seed: 1, cancellation: Stop);
        using (var source = new ExporterSource(model, Shape))
        {
            source.CopyFiles(hub, config: true);
            Directory.CreateDirectory(At("hub/onnx"));
            new OptimumGraph(source).Save(At("hub/onnx/model.onnx"), "model.onnx_data");
            source.CopyFiles(genai, config: true);
            new GenaiGraph(source, new GenaiForm()).Save(At("genai/model.onnx"), "model.onnx.data");
            GenaiGraph.WriteConfig(genai, source, "model.onnx", "qwen2");
        }
        await using var own = await OwnServer.StartAsync(Stop, options => options.Models =
        [
            new() { Path = model, Weights = "float32" }, new() { Path = At("hub/onnx/model.onnx"), Weights = "float32" },
            new() { Path = genai, Weights = "float32" },
        ]);
        using var http = own.Client();
        var expected = await AnswerAsync("noise");
        Assert.Equal(expected, await AnswerAsync("hub"));
        Assert.Equal(expected, await AnswerAsync("genai"));

        async Task<string> AnswerAsync(string name)
        {
            object[] messages = [new { role = "user", content = "Tell me something." }];
            var (status, answer) = await RawHttp.PostAsync(
                http, "v1/chat/completions", new { model = name, messages, temperature = 0, max_tokens = 12, logprobs = true, top_logprobs = 3 }, Stop);
            Assert.Equal(200, status);
            return answer.GetProperty("choices").GetRawText();
        }
    }

    [Fact]
    public async Task The_program_imports_a_folder_with_few_bits_as_such()
    {
        RandomModel.Write(At("noise"), Shape, seed: 1, cancellation: Stop);
        using (var source = new ExporterSource(At("noise"), Shape))
        {
            source.CopyFiles(At("export"), config: false);
            new GenaiGraph(source, new GenaiForm(4)).Save(At("export/model.onnx"), "model.onnx.data");
            GenaiGraph.WriteConfig(At("export"), source, "model.onnx", "qwen2");
        }
        var ending = await ServerProgram.RunAsync(["import", At("export")], Stop);
        Assert.Equal("", string.Concat(ending.Errors.Split('\n').Where(line => !line.StartsWith("importing as int4-32: ", StringComparison.Ordinal))));
        Assert.Equal("int4-32", ModelMetadata.Load(At("export-int4-32")).Weights);
    }

    [Fact]
    public async Task A_file_that_is_no_graph_is_one_clear_line()
    {
        var file = At("noise/x.onnx");
        RandomModel.Write(At("noise"), Shape, seed: 1, cancellation: Stop);
        await File.WriteAllTextAsync(file, "not a model", Stop);
        var ending = await ServerProgram.RunAsync(["--model", file, "--listen", "127.0.0.1", "--port", "0"], Stop);
        Assert.Equal(1, ending.ExitCode);
        Assert.Equal($"streamcore: '{file}' is not a sound ONNX file: a field of it has an unknown form; download it again.\n", ending.Errors);
    }

    private string At(string path) => Path.Combine(_folder, path);
}
