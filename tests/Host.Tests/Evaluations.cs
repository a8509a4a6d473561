using System.Text.Json;
using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What <c>streamcore evaluate</c> tells of weight formats, and what it refuses.</summary>
public sealed class Evaluations : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-evaluations-").FullName;
    private readonly string _model;
    private readonly string _text;

    public Evaluations()
    {
        _model = Path.Combine(_folder, "model");
        _text = Path.Combine(_folder, "text.txt");
        RandomModel.Write(_model, "qwen2-tiny", 1, cancellation: Stop);
        File.WriteAllText(_text, string.Join(' ', Enumerable.Range(0, 300).Select(i => $"{i * i} words")));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_format_has_a_row_and_the_same_figures_as_json()
    {
        var file = Path.Combine(_folder, "figures.json");
        var ending = await EvaluateAsync(_model, "--text", _text, "--weights", "int8,float32,int4-32", "--context", "64", "--tokens", "400", "--json", file);
        Assert.Equal("", string.Concat(Lines(ending.Errors).Where(line => !line.StartsWith("importing as ", StringComparison.Ordinal)
            && !line.StartsWith("evaluating: ", StringComparison.Ordinal))));
        Assert.Equal(0, ending.ExitCode);
        var figures = JsonDocument.Parse(await File.ReadAllTextAsync(file, Stop)).RootElement;
        Assert.Equal(6 * 31, figures.GetProperty("tokens").GetInt32());
        var rows = figures.GetProperty("models").EnumerateArray().ToArray();
        Assert.Equal(["float32", "int8", "int4-32"], rows.Select(row => row.GetProperty("weights").GetString()));
        Assert.Equal((1, 0, 1), (Figure(0, "perplexityRatio"), Figure(0, "meanDivergence"), Figure(0, "topAgreement")));
        Assert.InRange(Figure(1, "meanDivergence"), 1e-8, 0.05);
        Assert.InRange(Figure(2, "meanDivergence"), Figure(1, "meanDivergence"), 1);
        Assert.InRange(Figure(2, "weightBytes"), 1, Figure(0, "weightBytes") / 3);
        Assert.Equal(Figure(1, "perplexity") / Figure(0, "perplexity"), Figure(1, "perplexityRatio"), 9);

        var table = Lines(ending.Output);
        Assert.StartsWith("186 tokens: the second halves of 6 windows of 64.", table[0], StringComparison.Ordinal);
        Assert.StartsWith("| float32, the reference |", table[3], StringComparison.Ordinal);
        Assert.StartsWith("| int8 |", table[4], StringComparison.Ordinal);
        Assert.StartsWith("| int4-32 |", table[5], StringComparison.Ordinal);
        Assert.Equal(6, table.Length);

        double Figure(int row, string name) => rows[row].GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task Imports_and_files_are_compared_with_what_they_were_made_of()
    {
        var (imported, file) = (Path.Combine(_folder, "imported"), Path.Combine(_folder, "model.gguf"));
        ModelImporter.Import(_model, imported, WeightFormat.Int8, cancellation: Stop);
        GgufExport.Write(_model, file, "F32", cancellation: Stop);
        var compared = await EvaluateAsync(imported, "--text", _text, "--context", "64", "--reference", _model);
        Assert.Equal(0, compared.ExitCode);
        Assert.StartsWith("| int8 |", Lines(compared.Output)[^1], StringComparison.Ordinal);
        var same = await EvaluateAsync(file, "--text", _text, "--context", "64", "--reference", _model, "--weights", "float32");
        Assert.Equal(0, same.ExitCode);
        Assert.EndsWith("| 1.0000 | 0.000000 | 0.00000 | 100.00 % | 0.0000 |", Lines(same.Output)[^1], StringComparison.Ordinal);

        AssertOneLine(await EvaluateAsync(imported, "--text", _text), "--reference");
        AssertOneLine(await EvaluateAsync(imported, "--text", _text, "--reference", _model, "--weights", "int4-32"), "--weights");
        var another = Path.Combine(_folder, "another");
        RandomModel.Write(another, "llama-small", 1, cancellation: Stop);
        AssertOneLine(await EvaluateAsync(imported, "--text", _text, "--reference", another), "different tokens", imports: true);
    }

    [Theory]
    [InlineData("--text is missing")]
    [InlineData("'/nowhere/text.txt' cannot be read", "--text", "/nowhere/text.txt")]
    [InlineData("'int3' is not a weight format", "--text", "TEXT", "--weights", "int8,int3")]
    [InlineData("--context must be a whole number from 3 to 2048", "--text", "TEXT", "--context", "4096")]
    [InlineData("--tokens must be a whole number from 1 on", "--text", "TEXT", "--tokens", "many")]
    [InlineData("fewer than one window of 512", "--text", "TEXT", "--tokens", "100")]
    [InlineData("--json: there is no folder", "--text", "TEXT", "--json", "/nowhere/figures.json")]
    [InlineData("no flag --format", "--text", "TEXT", "--format", "int8")]
    public async Task What_cannot_be_done_is_one_clear_line(string message, params string[] flags) =>
        AssertOneLine(await EvaluateAsync([_model, .. flags.Select(flag => flag == "TEXT" ? _text : flag)]), message, imports: true);

    /// <summary>With a cache of its own.</summary>
    private Task<ServerProgram.Ending> EvaluateAsync(params string[] arguments) =>
        ServerProgram.RunAsync(["evaluate", .. arguments], Stop, ("XDG_CACHE_HOME", Path.Combine(_folder, "cache")));

    private static void AssertOneLine(ServerProgram.Ending ending, string named, bool imports = false)
    {
        Assert.Equal(1, ending.ExitCode);
        Assert.Equal("", ending.Output);
        var line = Assert.Single(Lines(ending.Errors), line => !imports || !line.StartsWith("importing as ", StringComparison.Ordinal));
        Assert.StartsWith("streamcore: ", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
