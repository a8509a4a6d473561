using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A GGUF file as a user meets it: made, imported and served by the program.</summary>
public sealed class GgufFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-gguf-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_answers_as_its_folder_does()
    {
        var (model, file) = (Path.Combine(_folder, "noise"), Path.Combine(_folder, "noise-f32.gguf"));
        RandomModel.Write(model, "llama-tiny", 1, cancellation: Stop);
        GgufExport.Write(model, file, "F32", cancellation: Stop);
        await using var own = await OwnServer.StartAsync(Stop, options => options.Models =
        [
            new() { Path = model, Weights = "float32" }, new() { Path = file, Weights = "float32" },
        ]);
        using var http = own.Client();
        Assert.Equal(await AnswerAsync("noise"), await AnswerAsync("noise-f32"));

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
    public async Task The_program_makes_imports_and_names_its_files()
    {
        var model = Path.Combine(_folder, "tiny");
        Assert.Equal(0, (await ServerProgram.RunAsync(["make-model", model, "--shape", "qwen2-tiny", "--gguf", "Q4_0"], Stop)).ExitCode);
        var ending = await ServerProgram.RunAsync(["import", model + "-Q4_0.gguf"], Stop);
        Assert.Equal("", string.Concat(ending.Errors.Split('\n').Where(line => !line.StartsWith("importing as int4-32: ", StringComparison.Ordinal))));
        Assert.Equal("int4-32", ModelMetadata.Load(model + "-Q4_0-int4-32").Weights);
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_one_clear_line()
    {
        var file = Path.Combine(_folder, "x.gguf");
        await File.WriteAllTextAsync(file, "not a model", Stop);
        var ending = await ServerProgram.RunAsync(["--model", file, "--listen", "127.0.0.1", "--port", "0"], Stop);
        Assert.Equal(1, ending.ExitCode);
        Assert.Equal($"streamcore: '{file}' is not a GGUF file; a model is a folder or a file in that format.\n", ending.Errors);
    }
}
