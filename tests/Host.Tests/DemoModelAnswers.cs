using System.Text.Json;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>
/// The built-in model, served, answers the held-out prompts as well as its recipe measured when it was trained, skill by skill:
/// the whole way from safetensors through import, template, tokenizer, engine and sampling against an independent implementation.
/// </summary>
public class DemoModelAnswers(ServerFixture server)
{
    /// <summary>The recipe computes in bfloat16, the server in float32: a near tie may fall to the other side.</summary>
    private const int Tolerance = 1;

    private static string Folder => Path.Combine(Repository.Root, "src", "Host", "DemoModel");

    [Fact]
    public async Task Held_out_prompts_are_answered_as_well_as_the_recipe_measured()
    {
        var prompts = File.ReadLines(Path.Combine(Folder, "recipe", "heldout.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var right = await AskAsync(prompts, TestContext.Current.CancellationToken);

        using var evaluation = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "model", "evaluation.json"), TestContext.Current.CancellationToken));
        var measured = evaluation.RootElement.GetProperty("heldOut").EnumerateObject()
            .Where(skill => skill.Name != "all")
            .ToDictionary(skill => skill.Name, skill => skill.Value.GetProperty("right").GetInt32());
        var served = prompts.Zip(right).GroupBy(pair => pair.First.GetProperty("skill").GetString()!)
            .ToDictionary(skill => skill.Key, skill => skill.Count(pair => pair.Second));

        Assert.Equal(measured.Keys.Order(StringComparer.Ordinal), served.Keys.Order(StringComparer.Ordinal));
        Assert.All(measured, skill => Assert.InRange(served[skill.Key], skill.Value - Tolerance, skill.Value + Tolerance));
    }

    private async Task<bool[]> AskAsync(JsonElement[] prompts, CancellationToken stop)
    {
        using var http = Recording.Client(server.Address);
        var right = new bool[prompts.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = stop };
        await Parallel.ForEachAsync(Enumerable.Range(0, prompts.Length), parallel, async (i, token) =>
        {
            var body = new { model = ServerFixture.Model, messages = prompts[i].GetProperty("messages"), temperature = 0, max_completion_tokens = 160 };
            right[i] = IsRight(await RawHttp.WholeAsync(http, body, token), prompts[i].GetProperty("expect"));
        });
        return right;
    }

    private static bool IsRight(string answer, JsonElement expect) =>
        expect.TryGetProperty("equals", out var text)
            ? answer.Trim() == text.GetString()
            : expect.GetProperty("contains").EnumerateArray().All(part => answer.Contains(part.GetString()!, StringComparison.OrdinalIgnoreCase));
}
