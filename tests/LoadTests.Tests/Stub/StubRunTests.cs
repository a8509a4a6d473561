using StreamCore.LoadTests.Measures;
using StreamCore.LoadTests.Scenarios;
using StreamCore.LoadTests.Servers;
using StreamCore.LoadTests.Stub;

namespace StreamCore.LoadTests.Tests.Stub;

/// <summary>The whole driver against its stub. The stub's pace bounds every latency from below; above, the machine may be slow.</summary>
public sealed class StubRunTests
{
    [Fact]
    public async Task A_closed_loop_counts_what_the_stub_gave()
    {
        var load = await RunAsync(new(FirstMilliseconds: 30, StepMilliseconds: 5), """
            clients: 8
            requests: 3
            mix: [{ prefix: { name: house, tokens: 7 }, prompt: 20, answer: 10 }]
            """);
        Assert.Equal((24, 24, 0), (load.Requests, load.Answered, load.Errors.Count));
        Assert.Equal((24 * 27L, 24 * 10L), (load.PromptTokens, load.CompletionTokens));
        Assert.Equal((24, 24 * 9), (load.FirstToken!.Count, load.InterToken!.Count));
        Assert.True(load.FirstToken.P50 >= 30, $"{load.FirstToken.P50} ms");
        Assert.True(load.Total!.P50 >= 74.9, $"{load.Total.P50} ms");
    }

    [Fact]
    public async Task A_server_that_falls_behind_does_not_slow_an_open_loop_down()
    {
        // Every request keeps the one slot for 40 ms, and one comes every 5: the last of 20 waits for 19 others less the time it came later.
        var load = await RunAsync(new(FirstMilliseconds: 40, Slots: 1), """
            rate: 200
            arrivals: fixed
            requests: 20
            mix: [{ prompt: 5, answer: 1 }]
            """);
        Assert.Equal(20, load.Answered);
        Assert.True(load.Total!.Max >= (20 * 40) - (19 * 5), $"{load.Total.Max} ms");
    }

    [Fact]
    public async Task Whole_answers_completions_and_think_time_work()
    {
        var load = await RunAsync(new(FirstMilliseconds: 1, StepMilliseconds: 1), """
            clients: 2
            requests: 2
            thinkTime: 50
            mix: [{ prompt: 5, answer: 4, stream: false }]
            """, api: "completions");
        Assert.Equal((4, 4 * 5L, 4 * 4L), (load.Answered, load.PromptTokens, load.CompletionTokens));
        Assert.Null(load.FirstToken);
        Assert.True(load.Seconds >= 0.05, $"{load.Seconds} s");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_client_that_hangs_up_leaves_at_once()
    {
        await using var stub = new StubServer(new(FirstMilliseconds: 1, StepMilliseconds: 20));
        var load = await RunOnAsync(stub, """
            clients: 4
            requests: 1
            mix: [{ prompt: 5, answer: 100000, abortAfter: 3 }]
            """, "chat");
        Assert.Equal((4, 0, 4, 12L), (load.Requests, load.Answered, load.Aborted, load.CompletionTokens));
        while (stub.Lost < 4) await Task.Yield();
    }

    [Fact]
    public async Task Refused_requests_are_counted_by_kind()
    {
        var load = await RunAsync(new(FirstMilliseconds: 1, RefuseEvery: 2), """
            clients: 1
            requests: 4
            mix: [{ prompt: 5, answer: 1 }]
            """, warmup: 0);
        Assert.Equal((4, 2, 2), (load.Requests, load.Answered, load.Errors["status 429"]));
    }

    [Fact]
    public async Task A_server_that_refuses_all_of_the_warm_up_is_told_with_its_words()
    {
        var fault = await Assert.ThrowsAsync<UsageException>(() => RunAsync(new(RefuseEvery: 1), "clients: 1\nrequests: 1\nmix: [{ prompt: 5, answer: 1 }]"));
        Assert.Equal("Every request of the warm-up failed: status 429 (The stub was told to refuse this one.).", fault.Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_before_anything_is_measured()
    {
        Uri gone;
        await using (var stub = new StubServer(new())) gone = stub.Url;
        var fault = await Assert.ThrowsAsync<UsageException>(() => BenchAsync(gone, "clients: 1\nrequests: 1\nmix: [{ prompt: 5, answer: 1 }]", "chat", 1));
        Assert.Contains("is it running?", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<LoadResult> RunAsync(StubSettings settings, string load, string api = "chat", int warmup = 1)
    {
        await using var stub = new StubServer(settings);
        return await RunOnAsync(stub, load, api, warmup);
    }

    private static async Task<LoadResult> RunOnAsync(StubServer stub, string load, string api, int warmup = 0)
    {
        var result = await BenchAsync(stub.Url, load, api, warmup);
        Assert.Equal("counted by the server's tokenizer", result.PromptLengths);
        return Assert.Single(Assert.Single(result.Runs).Loads);
    }

    private static async Task<BenchResult> BenchAsync(Uri url, string load, string api, int warmup)
    {
        var lines = string.Join("\n", load.Split('\n').Select(line => "        " + line));
        var scenario = ScenarioFile.Parse($"api: {api}\nwarmup: {warmup}\nstages:\n  - name: stage\n    loads:\n      - name: load\n{lines}\n", "test.yaml");
        await using var bench = new Bench(scenario, [new UrlTarget(url, null) { Name = "stub" }], rounds: 1);
        return await bench.RunAsync(TimeProvider.System);
    }
}
