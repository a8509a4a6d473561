namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>The exchanges that were seen with the real programs, byte for byte, but for the time.</summary>
public class Exchanges
{
    [Fact]
    public async Task Ping()
    {
        await using var bench = new Bench();
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":0,"message":""},"object":"None","request_id":"r1","work_id":"sys"}""" + "\n",
            bench.Client.Ask("""{"request_id":"r1","work_id":"sys","action":"ping"}"""));
    }

    [Fact]
    public async Task Setup_after_two_that_failed_and_a_third_task()
    {
        await using var bench = new Bench();
        bench.Client.Ask("""{"request_id":"f1","work_id":"llm","action":"setup","object":"llm.setup","data":{"model":"none"}}""");
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":-5,"message":"Model loading failed."},"object":"None","request_id":"f2","work_id":"llm"}""" + "\n",
            bench.Client.Ask("""{"request_id":"f2","work_id":"llm","action":"setup","object":"llm.setup","data":{"model":"none"}}"""));
        const string setup = """{"request_id":"s1","work_id":"llm","action":"setup","object":"llm.setup","data":{"model":"qwen2.5-0.5B-p256-ax630c","response_format":"llm.utf-8.stream","input":"llm.utf-8","enoutput":true,"max_token_len":1023,"prompt":"You are."}}""";
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":0,"message":""},"object":"None","request_id":"s1","work_id":"llm.1002"}""" + "\n",
            bench.Client.Ask(setup));
        bench.Client.Ask(setup);
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":-21,"message":"task full"},"object":"None","request_id":"s3","work_id":"llm"}""" + "\n",
            bench.Client.Ask(setup.Replace("\"s1\"", "\"s3\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_answer()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup();
        bench.Client.Infer("i1", id, "Write 4 words");
        var tokens = SimulatedText.Tokens(Bench.Model, Bench.Seen("Write 4 words"));
        Assert.Equal(5, tokens.Count(static token => token.Length > 0));
        var lines = bench.Client.Lines();
        Assert.Equal(3, lines.Length);
        Assert.Equal(
            $$"""{"created":0,"data":{"delta":"{{string.Concat(tokens.Take(3))}}","finish":false,"index":0},"error":{"code":0,"message":""},"object":"llm.utf-8.stream","request_id":"i1","work_id":"llm.1000"}""",
            lines[0]);
        Assert.Equal(
            """{"created":0,"data":{"delta":"","finish":true,"index":2},"error":{"code":0,"message":""},"object":"llm.utf-8.stream","request_id":"i1","work_id":"llm.1000"}""",
            lines[2]);
        Assert.Equal(Bench.Answer("Write 4 words"), Replies.Text(lines));
    }

    [Fact]
    public async Task A_pause_in_mid_answer()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("P", id, "Write 60 words");
        bench.Advance(40 + 80 + 1450);
        Assert.Equal(4, bench.Client.Lines().Length);
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":0,"message":""},"object":"None","request_id":"pz","work_id":"llm.1000"}""" + "\n",
            bench.Client.Ask("pz", id, "pause"));
        bench.Advance(60);
        var rest = bench.Client.Lines();
        Assert.Equal(
            """{"created":0,"data":{"delta":"","finish":true,"index":5},"error":{"code":0,"message":""},"object":"llm.utf-8.stream","request_id":"P","work_id":"llm.1000"}""",
            rest[^1]);
        Assert.All(rest, static line => Assert.Equal("P", Replies.RequestId(line)));
        bench.Advance(10_000);
        Assert.Equal("", bench.Client.Received());
    }

    [Fact]
    public async Task Six_inferences_at_once_give_four_answers_all_labelled_by_the_last()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        for (var i = 1; i <= 6; i++) bench.Client.Infer($"q{i}", id, $"Write 5 words {i}");
        bench.Advance(10_000);
        var lines = bench.Client.Lines();
        Assert.Equal(4, Replies.Finishes(lines));
        Assert.All(lines, static line => Assert.Equal("q6", Replies.RequestId(line)));
        Assert.Equal(string.Concat(Enumerable.Range(1, 4).Select(static i => Bench.Answer($"Write 5 words {i}"))), Replies.Text(lines));
    }

    [Fact]
    public async Task An_unknown_work_id()
    {
        await using var bench = new Bench();
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":-4,"message":"inference data push false"},"object":"None","request_id":"ni","work_id":"llm.9999"}""" + "\n",
            bench.Client.Ask("""{"request_id":"ni","work_id":"llm.9999","action":"inference","object":"llm.utf-8","data":"x"}"""));
    }

    [Fact]
    public async Task A_unit_that_is_not_installed()
    {
        await using var bench = new Bench(static options => options with { MissingUnits = ["vlm"] });
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":-9,"message":"unit call false"},"object":"None","request_id":"nu","work_id":"vlm"}""" + "\n",
            bench.Client.Ask("nu", "vlm", "setup"));
    }

    [Fact]
    public async Task Bad_base64_is_answered_to_the_last_control_call()
    {
        await using var bench = Bench.With(Fault.MislabelledErrors);
        bench.Client.Setup();
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":-23,"message":"Base64 decoding error."},"object":"None","request_id":"setup","work_id":"llm"}""" + "\n",
            bench.Client.Ask("""{"request_id":"b64bad","work_id":"llm.1000","action":"inference","object":"llm.utf-8.base64","data":"%%%"}"""));
    }

    [Fact]
    public async Task A_closing_brace_too_many()
    {
        await using var bench = new Bench();
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":-2,"message":"json format error"},"object":"None","request_id":"0","work_id":"sys"}""" + "\n"
            + """{"request_id": "0","work_id": "sys","created": 0,"error":{"code":-1, "message":"reace reset"}}""",
            bench.Client.Ask("""{"request_id":"r1","work_id":"llm.1000","action":"inference","object":"llm.utf-8","data":"a } b"}"""));
        Assert.Single(bench.Client.Ask("r2", "sys", "ping").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
