namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>What happens while text is generated.</summary>
public class GenerationFaults
{
    private const string Long = "Write 20 words";

    [Fact]
    public async Task A_generation_may_end_without_a_word_and_the_task_goes_on()
    {
        await using var bench = Bench.Slow(Fault.GenerationThrows);
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, Long);
        bench.Advance(60_000);
        Assert.Equal(0, Replies.Finishes(bench.Client.Lines()));
        bench.Device.Faults = Faults.None;
        bench.Client.Infer("j", id, Long);
        bench.Advance(60_000);
        Assert.Equal(Bench.Answer(Long), Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task A_generation_may_stall_and_go_on()
    {
        await using var bench = Bench.Slow(Fault.GenerationStalls);
        bench.Client.Infer("i", bench.Client.Setup(), Long);
        bench.Advance(29_000);
        var first = bench.Client.Lines();
        Assert.Equal(0, Replies.Finishes(first));
        bench.Advance(5_000);
        Assert.Equal(Bench.Answer(Long), Replies.Text([.. first, .. bench.Client.Lines()]));
    }

    [Fact]
    public async Task A_unit_that_dies_takes_its_tasks_along_and_inferences_vanish()
    {
        await using var bench = Bench.Slow(Fault.UnitCrashes);
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, Long);
        bench.Advance(2_500);
        Assert.Equal(0, Replies.Finishes(bench.Client.Lines()));
        Assert.Empty(bench.Device.Tasks);
        Assert.Equal("", bench.Client.Ask(BenchClient.InferText("j", id, Long)));
        Assert.Equal(-9, Replies.Code(bench.Client.Ask("t", "llm", "taskinfo")));
        bench.Advance(5_000);
        Assert.Contains("\"data\":[]", bench.Client.Ask("t", "llm", "taskinfo"), StringComparison.Ordinal);
        Assert.Equal(-6, Replies.Code(bench.Client.Ask("p", id, "pause")));
        Assert.Equal("", bench.Client.Ask(BenchClient.InferText("j", id, Long)));
        Assert.Equal("llm.1001", bench.Client.Setup());
    }

    [Fact]
    public async Task A_dead_unit_that_left_its_socket_stalls_everybody()
    {
        await using var bench = Bench.Slow(Fault.StaleSocket);
        var id = bench.Client.Setup();
        bench.Device.CrashUnit("llm");
        Assert.Equal("", bench.Client.Ask("p", id, "pause"));
        var other = bench.Connect();
        Assert.Equal("", other.Ask("b", "sys", "ping"));
        bench.Advance(4_000);
        Assert.Single(other.Lines());
        Assert.Equal("", bench.Client.Received());
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_gives_nonsense_or_kills_the_unit()
    {
        var text = new string('x', 1200) + " 5 words";
        await using var bench = new Bench();
        bench.Client.Infer("i", bench.Client.Setup(), text);
        var nonsense = Replies.Text(bench.Client.Lines());
        Assert.NotEqual("", nonsense);
        Assert.NotEqual(Bench.Answer(text), nonsense);
        Assert.Contains("takes 256", bench.Device.Mistakes.Single(), StringComparison.Ordinal);
        await using var crashing = Bench.With(Fault.OverlongPromptCrashes);
        crashing.Client.Infer("i", crashing.Client.Setup(), text);
        Assert.Equal("", crashing.Client.Received());
        Assert.Empty(crashing.Device.Tasks);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_tokens_of_a_stream_that_is_stopped_may_be_lost(bool lost)
    {
        await using var bench = lost ? Bench.Slow(Fault.TailTokensLost) : Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, "Write 50 words");
        bench.Advance(120 + 450); // in the fifth token
        bench.Client.Send($$"""{"request_id":"p","work_id":"{{id}}","action":"pause"}""");
        bench.Advance(1000);
        var tokens = SimulatedText.Tokens(Bench.Model, Bench.Seen("Write 50 words"));
        Assert.Equal(string.Concat(tokens.Take(lost ? 3 : 5)), Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task An_end_marker_may_come_as_text_with_nonsense_after_it()
    {
        await using var bench = Bench.With(Fault.EndMarkerAsText);
        bench.Client.Infer("i", bench.Client.Setup(), Long);
        var text = Replies.Text(bench.Client.Lines());
        Assert.StartsWith(Bench.Answer(Long) + "<|endoftext|>", text, StringComparison.Ordinal);
        Assert.False(text.EndsWith("<|endoftext|>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pause_may_do_nothing(bool lost)
    {
        await using var bench = lost ? Bench.Slow(Fault.PauseLost) : Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, "Write 50 words");
        bench.Advance(1_000);
        bench.Client.Ask("p", id, "pause");
        bench.Advance(100);
        Assert.Equal(lost, bench.Device.Tasks.Single().IsBusy);
    }

    [Fact]
    public async Task A_pause_before_generation_has_begun_is_lost()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, Long);
        bench.Advance(39);
        Assert.Equal(0, Replies.Code(bench.Client.Ask("p", id, "pause")));
        bench.Advance(10_000);
        Assert.Equal(Bench.Answer(Long), Replies.Text(bench.Client.Lines()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_finish_comes_before_or_after_the_acknowledgement(bool before)
    {
        await using var bench = before ? Bench.Slow(Fault.FinishBeforePauseAcknowledgement) : Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, "Write 50 words");
        bench.Advance(1_000);
        bench.Client.Received();
        bench.Client.Send($$"""{"request_id":"p","work_id":"{{id}}","action":"pause"}""");
        bench.Advance(100);
        var ids = bench.Client.Lines().Select(Replies.RequestId).ToList();
        Assert.Equal(before, ids.LastIndexOf("i") < ids.IndexOf("p"));
        Assert.Single(ids, "p");
    }

    [Fact]
    public async Task The_index_is_shared_by_all_tasks_of_a_unit()
    {
        await using var bench = Bench.Slow();
        var (first, second) = (bench.Client.Setup(), bench.Client.Setup());
        bench.Client.Infer("a", first, "Write 30 words");
        bench.Client.Infer("b", second, "Write 5 words");
        bench.Advance(10_000);
        var indexes = bench.Client.Lines().Where(static line => Replies.RequestId(line) == "a").Select(Replies.Index).ToArray();
        Assert.NotEqual(Enumerable.Range(0, indexes.Length), indexes);
    }

    [Fact]
    public async Task Whoever_names_a_task_gets_the_rest_of_its_answer()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, Long);
        bench.Advance(1_000);
        var other = bench.Connect();
        other.Ask("l", "llm", "taskinfo"); // which does not name it
        bench.Advance(300);
        Assert.Equal("", other.Received());
        other.Ask("t", id, "taskinfo");
        var mine = bench.Client.Lines();
        bench.Advance(10_000);
        Assert.Equal("", bench.Client.Received());
        Assert.Equal(Bench.Answer(Long), Replies.Text([.. mine, .. other.Lines()]));
        Assert.Empty(bench.Device.Mistakes); // the owner may have hung up
        bench.Client.Ask("u", id, "taskinfo");
        bench.Advance(1_000);
        Assert.Contains("another connection", bench.Device.Mistakes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_owner_sent_before_it_hung_up_is_no_mistake()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        bench.Connect().Ask("t", id, "taskinfo");
        bench.Client.Ask("u", id, "taskinfo");
        await bench.Client.HangUpAsync();
        bench.Advance(10_000);
        Assert.Empty(bench.Device.Mistakes);
    }

    [Fact]
    public async Task A_generation_and_its_task_outlive_the_connection()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, Long);
        bench.Advance(1_000);
        await bench.Client.HangUpAsync();
        Assert.True(bench.Device.Tasks.Single().IsBusy);
        bench.Advance(10_000);
        Assert.False(bench.Device.Tasks.Single().IsBusy);
    }

    [Fact]
    public async Task Text_is_unescaped_as_the_unit_does_it()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup();
        bench.Client.Infer("i", id, """a\nb\t\"c\" \/ \u00e9 😀 2 words""");
        Assert.Equal(Bench.Answer("a\nb\t\"c\" / é 😀 2 words"), Replies.Text(bench.Client.Lines()));
        bench.Client.Infer("s", id, """\ud83d\ude00""");
        Assert.Equal("", bench.Client.Received());
        bench.Client.Infer("e", id, "");
        Assert.Equal("", bench.Client.Received());
        bench.Client.Send("""{"request_id":"b","work_id":"ID","action":"inference","object":"llm.utf-8.base64","data":"YVxuYg=="}""".Replace("ID", id, StringComparison.Ordinal));
        Assert.Equal(Bench.Answer("a\nb"), Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task Text_may_come_in_pieces()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup(format: "llm.utf-8");
        bench.Client.Send($$"""{"request_id":"i","work_id":"{{id}}","action":"inference","object":"llm.utf-8.stream","data":{"delta":"5 wo","index":0,"finish":false} }""");
        Assert.Equal("", bench.Client.Received());
        bench.Client.Send($$"""{"request_id":"i","work_id":"{{id}}","action":"inference","object":"llm.utf-8.stream","data":{"delta":"rds","index":1,"finish":true} }""");
        Assert.Equal(Bench.Answer("5 words"), Replies.Data(bench.Client.Received())); // and in a plain format the answer comes whole
    }

    [Fact]
    public async Task A_context_model_keeps_the_conversation_until_it_is_reset()
    {
        const string model = "qwen2.5-HA-0.5B-ctx-ax630c";
        await using var bench = new Bench();
        var id = bench.Client.Setup(model);
        bench.Client.Infer("a", id, "I am Ada");
        bench.Client.Infer("b", id, "Who am I");
        Assert.Equal(
            SimulatedText.Of(model, SimulatedText.Seen(model, "You are.", ["I am Ada"])) + SimulatedText.Of(model, SimulatedText.Seen(model, "You are.", ["I am Ada", "Who am I"])),
            Replies.Text(bench.Client.Lines()));
        bench.Client.Infer("r", id, "reset");
        var reset = bench.Client.Lines();
        Assert.Equal((1, 1), (reset.Length, Replies.Finishes(reset)));
        bench.Client.Infer("c", id, "Who am I");
        Assert.Equal(Bench.Answer("Who am I", model), Replies.Text(bench.Client.Lines()));
    }
}
