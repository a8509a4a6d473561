using System.Text.Json;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The built-in model answers held-out prompts of each kind through the real server, greedily.</summary>
public class DemoModelAnswers(ServerFixture server)
{
    private static string HeldOut => Path.Combine(Repository.Root, "src", "Host", "DemoModel", "recipe", "heldout.jsonl");

    [Fact]
    public async Task Held_out_prompts_of_each_skill_are_mostly_answered_rightly()
    {
        var stop = TestContext.Current.CancellationToken;
        using var http = new HttpClient { BaseAddress = server.Address };
        var prompts = File.ReadLines(HeldOut).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var right = new bool[prompts.Length];
        await Parallel.ForEachAsync(Enumerable.Range(0, prompts.Length), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = stop },
            async (i, token) =>
            {
                var body = new { model = ServerFixture.Model, messages = prompts[i].GetProperty("messages"), temperature = 0, max_completion_tokens = 160 };
                right[i] = IsRight(await RawHttp.WholeAsync(http, body, token), prompts[i].GetProperty("expect"));
            });

        var shares = prompts.Zip(right).GroupBy(pair => pair.First.GetProperty("skill").GetString()!)
            .Select(skill => (Skill: skill.Key, Share: skill.Average(pair => pair.Second ? 1.0 : 0.0), Count: skill.Count()))
            .OrderBy(skill => skill.Skill, StringComparer.Ordinal)
            .ToArray();
        foreach (var (skill, share, count) in shares) TestContext.Current.TestOutputHelper?.WriteLine($"{skill}: {share:P0} of {count}");
        Assert.All(shares, skill => Assert.True(skill.Share >= 0.8, $"{skill.Skill}: {skill.Share:P0} of {skill.Count} held-out prompts"));
    }

    private static bool IsRight(string answer, JsonElement expect) =>
        expect.TryGetProperty("equals", out var text)
            ? answer.Trim() == text.GetString()
            : expect.GetProperty("contains").EnumerateArray().All(part => answer.Contains(part.GetString()!, StringComparison.OrdinalIgnoreCase));
}
