using StreamCore.Engines.StackFlow.Units;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>A task at work, and stopped; what a device does here is what real ones were seen to do.</summary>
public sealed class UnitTaskTests
{
    [Fact]
    public async Task A_setup_says_what_the_unit_needs_and_waits_until_inferences_arrive()
    {
        var harness = new TaskHarness();
        var pending = harness.SetupAsync();
        var line = await harness.Device.AcceptAsync();
        var setup = await line.NextAsync("setup");
        Assert.Equal(("llm", "llm.setup"), (setup.WorkId, setup.Object));
        Assert.Equal("m", setup.Data.GetProperty("model").GetString());
        Assert.Contains("stream", setup.Data.GetProperty("response_format").GetString(), StringComparison.Ordinal);
        Assert.Contains("llm", setup.Data.GetProperty("input").GetString(), StringComparison.Ordinal);
        Assert.True(setup.Data.GetProperty("enoutput").GetBoolean());
        Assert.Equal("You are.", setup.Data.GetProperty("prompt").GetString());
        Assert.Equal(1023, setup.Data.GetProperty("max_token_len").GetInt32());
        Assert.False(setup.Data.TryGetProperty("enable_top_k_sampling", out _));

        await line.AcknowledgeAsync(setup, "llm.1002");
        await harness.Time.BegunAsync(harness.Timeouts.Settle);
        Assert.False(pending.IsCompleted);
        harness.Time.Advance(harness.Timeouts.Settle);
        var task = await pending.WaitAsync(ScriptedLine.Hang);
        Assert.Equal("llm.1002", task.WorkId);
        Assert.True(task.IsUsable);
    }

    [Fact]
    public async Task Sampling_that_is_off_is_said_to_be_off()
    {
        var harness = new TaskHarness();
        _ = UnitTask.SetupAsync(
            harness.Device, new() { Unit = UnitKind.Llm, Model = "m", Sampling = new() { Temperature = 0.5, TopP = 0.9, TopK = 4 } },
            harness.Timeouts, harness.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, default);
        var line = await harness.Device.AcceptAsync();
        var data = (await line.NextAsync("setup")).Data;
        Assert.Equal((true, 0.5), (data.GetProperty("enable_temperature").GetBoolean(), data.GetProperty("temperature").GetDouble()));
        Assert.Equal((true, 0.9), (data.GetProperty("enable_top_p_sampling").GetBoolean(), data.GetProperty("top_p").GetDouble()));
        Assert.False(data.GetProperty("enable_top_k_sampling").GetBoolean());
        Assert.False(data.GetProperty("enable_repetition_penalty").GetBoolean());
    }

    [Fact]
    public async Task An_answer_is_its_deltas_up_to_the_finish()
    {
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello {you}");
        var request = await harness.Line.NextAsync("inference");
        Assert.Equal(("llm.1002", "Hello {you}"), (request.WorkId, request.Decoded));
        await harness.Line.DeltaAsync(request, "I am");
        await harness.Line.DeltaAsync(request, "");
        await harness.Line.DeltaAsync(request, " 日本");
        await harness.Line.DeltaAsync(request, "!", finish: true);
        Assert.Equal("I am 日本!", await answer.WaitAsync(ScriptedLine.Hang));
        await harness.WorksAsync();
    }

    [Fact]
    public async Task An_answer_may_be_empty()
    {
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello");
        await harness.Line.FinishAsync(await harness.Line.NextAsync("inference"));
        Assert.Equal("", await answer.WaitAsync(ScriptedLine.Hang));
        await harness.WorksAsync();
    }

    [Fact]
    public async Task Images_go_before_the_text()
    {
        var harness = await TaskHarness.StartAsync(UnitKind.Vlm);
        var answer = harness.Task.InferAsync(new() { Text = "What {is}\nthis?", Images = [new byte[] { 1, 2 }, new byte[] { 3 }] }, default).GetAsyncEnumerator();
        var next = answer.MoveNextAsync();
        var images = new[] { await harness.Line.NextAsync("inference"), await harness.Line.NextAsync("inference") };
        Assert.Equal(["vlm.jpeg.base64", "vlm.jpeg.base64"], images.Select(image => image.Object));
        Assert.Equal([[1, 2], [3]], images.Select(image => image.Data.GetBytesFromBase64()));
        var text = await harness.Line.NextAsync("inference");
        Assert.Equal(("vlm.utf-8.base64", "What {is}\nthis?"), (text.Object, text.Decoded));
        Assert.Equal(3, images.Append(text).Select(request => request.RequestId).Distinct().Count());
        await harness.Line.DeltaAsync(text, "A cat.", finish: true);
        Assert.True(await next.AsTask().WaitAsync(ScriptedLine.Hang));
        Assert.False(await answer.MoveNextAsync());
        await harness.WorksAsync();
    }

    [Fact]
    public async Task Only_one_inference_runs_at_a_time()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.AskAsync("Another"));
        Assert.Equal("", harness.Line.Unread());
        await harness.Line.FinishAsync(request);
        Assert.False(await answer.MoveNextAsync());
        await answer.DisposeAsync();
        await harness.WorksAsync();
    }

    [Fact]
    public async Task A_stopped_answer_is_paused_until_it_finishes_and_a_control_call_has_come_back()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        var stopped = answer.DisposeAsync().AsTask();

        // A pause before the generation proper is lost: it is acknowledged, and the text goes on.
        await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("pause"));
        await harness.Line.DeltaAsync(request, "four five six");
        await harness.Time.ElapseAsync(harness.Timeouts.PauseInterval);
        var second = await harness.Line.NextAsync("pause");
        Assert.Equal("llm.1002", second.WorkId);
        await harness.Line.DeltaAsync(request, "seven eight nine");

        // The finish may come before the acknowledgement of the pause.
        await harness.Line.FinishAsync(request);
        var probe = await harness.Line.NextAsync("taskinfo");
        Assert.False(stopped.IsCompleted);
        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.AskAsync("Too early"));
        await harness.Line.AcknowledgeAsync(second);
        await harness.Line.ReplyAsync(probe, new { model = "m" }, "llm.taskinfo");
        await stopped.WaitAsync(ScriptedLine.Hang);
        await harness.WorksAsync();
    }

    [Fact]
    public async Task Cancellation_stops_it_in_the_same_way()
    {
        var harness = await TaskHarness.StartAsync();
        using var cancelling = new CancellationTokenSource();
        var answer = harness.AskAsync("Hello", cancelling.Token);
        var request = await harness.Line.NextAsync("inference");
        await cancelling.CancelAsync();
        var pause = await harness.Line.NextAsync("pause");
        await harness.Line.FinishAsync(request);
        await harness.Line.AcknowledgeAsync(pause);
        await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("taskinfo"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(ScriptedLine.Hang));
        await harness.WorksAsync();
    }

    [Fact]
    public async Task What_is_cancelled_before_it_is_sent_leaves_the_task_as_it_was()
    {
        var harness = await TaskHarness.StartAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => harness.AskAsync("Hello", new CancellationToken(canceled: true)));
        Assert.Equal("", harness.Line.Unread());
        await harness.WorksAsync();
    }

    [Fact]
    public async Task A_finish_of_another_request_ends_nothing()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, first) = await harness.BeginAsync();
        var stopped = answer.DisposeAsync().AsTask();
        await harness.Line.NextAsync("pause");
        await harness.Line.FinishAsync(first);
        await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("taskinfo"));
        await stopped.WaitAsync(ScriptedLine.Hang);

        var next = harness.AskAsync("Next");
        var second = await harness.Line.NextAsync("inference");
        await harness.Line.DeltaAsync(first, "old text");
        await harness.Line.FinishAsync(first);
        await harness.Line.ReplyAsync(second, new { delta = "another task's", finish = true, index = 0 }, workId: "llm.1003");
        await harness.Line.DeltaAsync(second, "new text");
        await harness.Line.FinishAsync(second);
        Assert.Equal("new text", await next.WaitAsync(ScriptedLine.Hang));
    }

    [Fact]
    public async Task A_task_that_does_not_stop_is_given_up()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        var stopped = answer.DisposeAsync().AsTask();
        var pauses = (int)Math.Ceiling(harness.Timeouts.Stop / harness.Timeouts.PauseInterval);
        for (var i = 1; i <= pauses; i++)
        {
            var wait = i < pauses ? harness.Timeouts.PauseInterval : harness.Timeouts.Stop - (pauses - 1) * harness.Timeouts.PauseInterval;
            await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("pause"));
            await harness.Time.BegunAsync(wait); // before the delta, after which what is left of it begins anew
            await harness.Line.DeltaAsync(request, "on and on");
            await harness.Time.ElapseAsync(wait);
        }
        await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("taskinfo"));
        await stopped.WaitAsync(ScriptedLine.Hang);
        await harness.IsGivenUpAsync();
        await Assert.ThrowsAsync<DeviceException>(() => harness.AskAsync("More"));
    }

    [Fact]
    public async Task A_task_ends_before_its_connection_closes_and_only_once()
    {
        var harness = await TaskHarness.StartAsync();
        var exits = new[] { harness.Task.ExitAsync(), harness.Task.ExitAsync(), harness.Task.DisposeAsync().AsTask() };
        var exit = await harness.Line.NextAsync("exit");
        Assert.False(harness.Line.IsHungUp);
        await harness.Line.AcknowledgeAsync(exit);
        await Task.WhenAll(exits).WaitAsync(ScriptedLine.Hang);
        Assert.True(await harness.Task.ExitAsync());
        await harness.Line.HungUp;
        Assert.Equal("", harness.Line.Unread());
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(-6)]
    public async Task A_task_that_is_gone_already_counts_as_ended(int code)
    {
        var harness = await TaskHarness.StartAsync();
        var exiting = harness.Task.ExitAsync();
        await harness.Line.RefuseAsync(await harness.Line.NextAsync("exit"), code);
        Assert.True(await exiting.WaitAsync(ScriptedLine.Hang));
    }

    [Fact]
    public async Task A_context_is_reset_by_the_bare_word()
    {
        var harness = await TaskHarness.StartAsync();
        var resetting = harness.Task.ResetContextAsync(default);
        var request = await harness.Line.NextAsync("inference");
        Assert.Equal("reset", request.Decoded);
        await harness.Line.FinishAsync(request);
        await resetting.WaitAsync(ScriptedLine.Hang);
        await harness.WorksAsync();
    }

    [Fact]
    public async Task Old_firmware_leaves_parts_of_acknowledgements_out()
    {
        var harness = new TaskHarness();
        var pending = harness.SetupAsync();
        var line = await harness.Device.AcceptAsync();
        var setup = await line.NextAsync("setup");
        await line.SendAsync($$$"""{"error":{"code":0,"message":""},"request_id":"{{{setup.RequestId}}}","work_id":"llm.1002"}""");
        await harness.Time.ElapseAsync(harness.Timeouts.Settle);
        Assert.Equal("llm.1002", (await pending.WaitAsync(ScriptedLine.Hang)).WorkId);
    }
}
