using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization;
using StreamCore.Host.Planning;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A model with tokens to fill a gap: the random one, whose special tokens are spelled so.</summary>
public sealed class Gaps : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"streamcore-gaps-{Guid.NewGuid():N}");

    public Gaps()
    {
        RandomModel.Write(_folder, "llama-tiny", 1);
        foreach (var file in Directory.GetFiles(_folder, "*.json"))
        {
            var text = File.ReadAllText(file);
            File.WriteAllText(file, text
                .Replace("endoftext", "fim_prefix", StringComparison.Ordinal)
                .Replace("im_start", "fim_suffix", StringComparison.Ordinal)
                .Replace("im_end", "fim_middle", StringComparison.Ordinal));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_comes_before_and_after_is_put_between_the_models_tokens()
    {
        var tokenizer = TokenizerLoader.Load(_folder);
        Assert.True(FillInTheMiddle.TryArrange(tokenizer, [1, 2], "x<|fim_middle|>", out var tokens));
        Assert.Equal(tokenizer.Encode("<|fim_prefix|>", special: true), tokens[..1]);
        Assert.Equal([1, 2], tokens[1..3]);
        Assert.Equal(tokenizer.Encode("<|fim_suffix|>", special: true), tokens[3..4]);
        Assert.Equal(tokenizer.Encode("x<|fim_middle|>", special: false), tokens[4..^1]); // what a client types stays text
        Assert.Equal(tokenizer.Encode("<|fim_middle|>", special: true), tokens[^1..]);
    }

    [Fact]
    public async Task A_suffix_becomes_part_of_the_prompt()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var own = await OwnServer.StartAsync(stop, options => options.Models = [new() { Name = "gaps", Path = _folder, Weights = "float32" }]);
        using var http = own.Client();
        async Task<int> PromptAsync(string? suffix)
        {
            var (status, answer) = await RawHttp.PostAsync(http, "v1/completions", new { model = "gaps", prompt = "before", suffix, max_tokens = 1 }, stop);
            Assert.Equal(200, status);
            return answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
        }

        var (_, after) = await RawHttp.PostAsync(http, "tokenize", new { content = "after" }, stop);
        Assert.Equal(await PromptAsync(null) + 3 + after.GetProperty("count").GetInt32(), await PromptAsync("after"));
        Assert.Equal(await PromptAsync(null), await PromptAsync(""));
    }
}
