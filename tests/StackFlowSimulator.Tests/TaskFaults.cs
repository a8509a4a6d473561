namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>Setting tasks up, listing and ending them, and inferences that are lost.</summary>
public class TaskFaults
{
    [Theory]
    [InlineData("""{"model":"qwen2.5-0.5B-p256-ax630c","response_format":"llm.utf-8","enoutput":"true","prompt":""}""", -5, "llm")]
    [InlineData("""{"model":"qwen2.5-0.5B-p256-ax630c","response_format":"llm.utf-8","enoutput":true}""", -5, "llm")]
    [InlineData("""{"model":"whisper-tiny","response_format":"llm.utf-8","enoutput":true,"prompt":""}""", -5, "llm")]
    [InlineData("\"a string\"", -2, "kws")]
    public async Task A_setup_that_fails(string data, int code, string workId)
    {
        await using var bench = new Bench();
        var reply = bench.Client.Ask("""{"request_id":"s","work_id":"llm","action":"setup","object":"llm.setup","data":DATA}""".Replace("DATA", data, StringComparison.Ordinal));
        Assert.Equal(code, Replies.Code(reply));
        Assert.EndsWith($"\"request_id\":\"s\",\"work_id\":\"{workId}\"}}\n", reply, StringComparison.Ordinal);
        Assert.Equal("llm.1001", bench.Client.Setup()); // it used up a number
    }

    [Fact]
    public async Task A_setup_takes_five_seconds_and_the_load_and_keeps_the_unit_waiting()
    {
        await using var bench = Bench.Paced(Pace.Real);
        bench.Client.Send(BenchClient.SetupText("s1"));
        bench.Client.Send(BenchClient.SetupText("s2"));
        bench.Advance(10_000);
        Assert.Equal("", bench.Client.Received());
        bench.Advance(1_000);
        Assert.Contains("llm.1000", bench.Client.Received(), StringComparison.Ordinal);
        Assert.Equal("", bench.Client.Ask("p", "llm.1000", "pause"));
        bench.Advance(11_000);
        Assert.Equal(2, bench.Client.Lines().Length);
    }

    [Fact]
    public async Task A_setup_may_fail_or_hang_on_its_tokenizer()
    {
        await using var failing = Bench.With(Fault.SetupFails);
        Assert.Equal(-5, Replies.Code(failing.Client.Ask(BenchClient.SetupText("s"))));
        await using var hanging = Bench.With(Fault.TokenizerHangs);
        hanging.Client.Send(BenchClient.SetupText("s"));
        hanging.Advance(299_000);
        Assert.Equal("", hanging.Client.Received());
        hanging.Advance(1_000);
        Assert.Equal(-5, Replies.Code(hanging.Client.Received()));
    }

    [Fact]
    public async Task The_first_inference_may_be_lost_when_it_comes_at_once()
    {
        await using var bench = Bench.With(Fault.FirstInferenceLost);
        var early = bench.Client.Setup();
        bench.Client.Infer("i1", early, "2 words");
        Assert.Equal("", bench.Client.Received());
        bench.Client.Infer("i2", early, "2 words");
        Assert.Equal(Bench.Answer("2 words"), Replies.Text(bench.Client.Lines()));
        var late = bench.Client.Setup();
        bench.Advance(20);
        bench.Client.Infer("i3", late, "2 words");
        Assert.Equal(Bench.Answer("2 words"), Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task Any_inference_may_be_lost()
    {
        await using var bench = Bench.With(Fault.InferenceLost);
        var id = bench.Client.Setup();
        bench.Advance(1000);
        bench.Client.Infer("i", id, "2 words");
        Assert.Equal("", bench.Client.Received());
        bench.Device.Faults = Faults.None;
        bench.Client.Infer("i", id, "2 words");
        Assert.Equal(1, Replies.Finishes(bench.Client.Lines()));
    }

    [Theory]
    [InlineData(""","input":"asr.1000" """)]
    [InlineData(""","enoutput":false""")]
    public async Task A_task_set_up_wrongly_says_nothing(string more)
    {
        await using var bench = new Bench();
        bench.Client.Infer("i", bench.Client.Setup(more: more), "2 words");
        Assert.Equal("", bench.Client.Received());
    }

    [Fact]
    public async Task Tasks_are_listed_described_and_ended()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup();
        Assert.Equal(
            """{"created":0,"data":["llm.1000"],"error":{"code":0,"message":""},"object":"llm.tasklist","request_id":"l","work_id":"llm"}""" + "\n",
            bench.Client.Ask("l", "llm", "taskinfo"));
        Assert.Equal(
            """{"created":0,"data":{"enoutput":true,"inputs":["llm.utf-8"],"model":"qwen2.5-0.5B-p256-ax630c","response_format":"llm.utf-8.stream"},"error":{"code":0,"message":""},"object":"llm.taskinfo","request_id":"d","work_id":"llm.1000"}""" + "\n",
            bench.Client.Ask("d", id, "taskinfo"));
        Assert.Equal(0, Replies.Code(bench.Client.Ask("e", id, "exit")));
        Assert.Equal(-6, Replies.Code(bench.Client.Ask("e", id, "exit")));
        Assert.Equal(-4, Replies.Code(bench.Client.Ask(BenchClient.InferText("i", id, "x"))));
        Assert.Empty(bench.Device.Tasks);
    }

    [Theory]
    [InlineData("llm", "work", -18)]
    [InlineData("llm", "pause", 0)]
    [InlineData("melotts", "pause", -18)]
    [InlineData("whisper", "work", 0)]
    [InlineData("llm", "link", -20)]
    public async Task What_units_do_not_have_is_refused(string unit, string action, int code)
    {
        await using var bench = new Bench();
        var model = SimulatedModel.Installed.First(model => model.Unit == unit).Name;
        var id = bench.Client.Setup(model, unit, more: ""","language":"en" """);
        Assert.Equal(code, Replies.Code(bench.Client.Ask("a", id, action)));
        Assert.Equal("", bench.Client.Ask("u", id, "dance")); // never answered
    }

    [Fact]
    public async Task Exit_runs_what_waits_first_and_keeps_the_unit_waiting()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("a", id, "Write 50 words");
        bench.Client.Infer("b", id, "Write 5 words");
        bench.Advance(1000);
        bench.Client.Received();
        Assert.Equal("", bench.Client.Ask("e", id, "exit"));
        Assert.Equal("", bench.Client.Ask("l", "llm", "taskinfo"));
        bench.Advance(2000);
        var lines = bench.Client.Lines();
        Assert.Equal(2, Replies.Finishes(lines)); // the first was stopped, the second ran to its end
        Assert.EndsWith(Bench.Answer("Write 5 words"), Replies.Text(lines), StringComparison.Ordinal);
        Assert.Contains("\"request_id\":\"e\"", lines[^2], StringComparison.Ordinal);
        Assert.Contains("\"request_id\":\"l\"", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_length_there_are_127_tokens_of_prompt_and_answer_together()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup(more: ""","max_token_len":"none" """);
        bench.Client.Infer("i", id, "Write 500 words");
        var expected = 127 - SimulatedText.CountTokens(Bench.Seen("Write 500 words"));
        Assert.Equal(string.Concat(SimulatedText.Tokens(Bench.Model, Bench.Seen("Write 500 words")).Take(expected)), Replies.Text(bench.Client.Lines()));
    }
}
