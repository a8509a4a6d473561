using StreamCore.Engines.StackFlow.Units;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Every code that a device answers with, and every way in which it does not answer.</summary>
public sealed class UnitTaskFaultTests
{
    /// <summary>All of the protocol's, and one that is none of them.</summary>
    private static readonly int[] All = [.. Enumerable.Range(2, 24).Append(97).Select(code => -code)];

    /// <summary>Those of inferences, which can come under another request's name.</summary>
    private static readonly int[] Mislabelled = [-11, -23, -24, -25];

    public static TheoryData<int> InferenceCodes() => new(All);

    public static TheoryData<int> SetupCodes() => new(All.Except(Mislabelled));

    private static DeviceFault Expected(int code) => code switch
    {
        -4 or -6 or -11 => DeviceFault.TaskGone,
        -5 or -10 => DeviceFault.SetupFailed,
        -9 => DeviceFault.UnitMissing,
        -21 => DeviceFault.TaskFull,
        _ => DeviceFault.Refused,
    };

    [Theory]
    [MemberData(nameof(SetupCodes))]
    public async Task A_refused_setup_tells_why_and_leaves_no_connection(int code)
    {
        var harness = new TaskHarness();
        var pending = harness.SetupAsync();
        var line = await harness.Device.AcceptAsync();
        await line.RefuseAsync(await line.NextAsync("setup"), code, code == -2 ? "kws" : null);
        var fault = await TaskHarness.FailsAsync(pending);
        Assert.Equal((Expected(code), code, false), (fault.Fault, fault.Code, fault.Received));
        await line.HungUp;
    }

    [Theory]
    [MemberData(nameof(InferenceCodes))]
    public async Task A_refused_inference_tells_why_and_the_task_is_used_no_more(int code)
    {
        var expected = Expected(code);
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello");
        var request = await harness.Line.NextAsync("inference");
        await harness.Line.RefuseAsync(request, code, workId: code == -11 ? "llm" : null);
        // Unless the task is gone it may be at work all the same: it is stopped, in vain.
        if (expected is not (DeviceFault.TaskGone or DeviceFault.UnitMissing)) await StopInVainAsync(harness);
        var fault = await TaskHarness.FailsAsync(answer);
        Assert.Equal((expected, code, false), (fault.Fault, fault.Code, fault.Received));
        await harness.IsGivenUpAsync();
    }

    [Theory]
    [InlineData(-11)]
    [InlineData(-23)]
    [InlineData(-24)]
    [InlineData(-25)]
    public async Task An_error_with_the_name_of_an_older_control_call_is_the_running_inferences(int code)
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        await harness.Line.RefuseAsync(harness.Setup, code, workId: "llm");
        var failing = answer.MoveNextAsync().AsTask();
        if (code != -11) await StopInVainAsync(harness);
        var fault = await TaskHarness.FailsAsync(failing);
        Assert.Equal((code, true), (fault.Code, fault.Received));
        Assert.NotEqual(request.RequestId, harness.Setup.RequestId);
        await harness.IsGivenUpAsync();
    }

    [Fact]
    public async Task Such_an_error_while_nothing_runs_is_nobodys()
    {
        var harness = await TaskHarness.StartAsync();
        await harness.Line.RefuseAsync(harness.Setup, -23, workId: "llm");
        await harness.WorksAsync();
    }

    [Fact]
    public async Task Such_an_error_of_another_unit_or_connection_is_nobodys()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        await harness.Line.RefuseAsync(harness.Setup, -23, workId: "vlm");
        await harness.Line.RefuseAsync(harness.Setup with { RequestId = "s1" }, -23, workId: "llm");
        await harness.Line.FinishAsync(request);
        Assert.False(await answer.MoveNextAsync().AsTask().WaitAsync(ScriptedLine.Hang));
        await harness.WorksAsync();
    }

    [Theory]
    [InlineData("""{"request_id": "0","work_id": "sys","created": 1,"error":{"code":-1, "message":"reace reset"}}""")]
    [InlineData("""{"created":1,"data":"None","error":{"code":-2,"message":"json format error"},"object":"None","request_id":"0","work_id":"sys"}""")]
    [InlineData("nonsense")]
    [InlineData("{\"data\":\"\\ud800\"}")]
    public async Task A_connection_that_has_lost_its_place_is_given_up(string reply)
    {
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello");
        await harness.Line.NextAsync("inference");
        await harness.Line.SendAsync(reply);
        var fault = await TaskHarness.FailsAsync(answer);
        Assert.Equal((DeviceFault.ConnectionLost, false), (fault.Fault, fault.Received));
        Assert.False(harness.Task.IsUsable);
        Assert.False(await harness.Task.ExitAsync().WaitAsync(ScriptedLine.Hang));
        await harness.Line.HungUp;
    }

    [Fact]
    public async Task A_connection_that_breaks_in_an_answer_says_that_there_was_text()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, _) = await harness.BeginAsync();
        harness.Line.Break();
        var fault = await TaskHarness.FailsAsync(answer.MoveNextAsync().AsTask());
        Assert.Equal((DeviceFault.ConnectionLost, true), (fault.Fault, fault.Received));
        await answer.DisposeAsync();
        Assert.False(harness.Task.IsUsable);
    }

    [Fact]
    public async Task A_connection_that_breaks_while_idle_ends_the_task()
    {
        var harness = await TaskHarness.StartAsync();
        harness.Line.Break();
        await harness.Line.HungUp;
        Assert.False(harness.Task.IsUsable);
        Assert.False(await harness.Task.ExitAsync().WaitAsync(ScriptedLine.Hang));
    }

    [Fact]
    public async Task A_device_that_cannot_be_reached_is_told_at_once()
    {
        var harness = new TaskHarness();
        harness.Device.IsOff = true;
        Assert.Equal(DeviceFault.ConnectionLost, (await TaskHarness.FailsAsync(harness.SetupAsync())).Fault);
    }

    // Silences (9.3). Those that come of what is sent (input, enoutput, empty text, surrogates, braces) are RequestWriterTests' and
    // A_setup_says_what_the_unit_needs'; a full queue cannot be where one inference runs at a time.

    [Fact]
    public async Task A_lost_inference_is_sent_again_once_and_the_task_is_used_no_more()
    {
        // 9.3.1. Nobody knows whether the first was lost or is late: late, it would reach a later request.
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello");
        var first = await harness.Line.NextAsync("inference");
        await harness.Time.ElapseAsync(harness.Timeouts.FirstDelta);
        await StopInVainAsync(harness);
        var second = await harness.Line.NextAsync("inference");
        Assert.Equal(first.Decoded, second.Decoded);
        Assert.NotEqual(first.RequestId, second.RequestId);
        await harness.Line.DeltaAsync(second, "Hi.", finish: true);
        Assert.Equal("Hi.", await answer.WaitAsync(ScriptedLine.Hang));
        await harness.IsGivenUpAsync();
    }

    [Fact]
    public async Task A_late_inference_that_can_be_stopped_is_sent_again_and_the_task_goes_on()
    {
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello");
        var first = await harness.Line.NextAsync("inference");
        await harness.Time.ElapseAsync(harness.Timeouts.FirstDelta);
        await harness.Line.NextAsync("pause");
        await harness.Line.DeltaAsync(first, "late");
        await harness.Line.FinishAsync(first);
        await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("taskinfo"));
        var second = await harness.Line.NextAsync("inference");
        await harness.Line.DeltaAsync(second, "Hi.", finish: true);
        Assert.Equal("Hi.", await answer.WaitAsync(ScriptedLine.Hang));
        await harness.WorksAsync();
    }

    [Fact]
    public async Task An_empty_end_of_a_second_try_may_be_the_first_ones_and_is_no_answer()
    {
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello");
        await harness.Line.NextAsync("inference");
        await harness.Time.ElapseAsync(harness.Timeouts.FirstDelta);
        await StopInVainAsync(harness);
        await harness.Line.FinishAsync(await harness.Line.NextAsync("inference"));
        var fault = await TaskHarness.FailsAsync(answer);
        Assert.Equal((DeviceFault.Silent, false), (fault.Fault, fault.Received));
        await harness.IsGivenUpAsync();
    }

    [Fact]
    public async Task Two_silences_are_a_fault()
    {
        // 9.3.11, 12: an image that cannot be decoded, an exception in generation.
        var harness = await TaskHarness.StartAsync(UnitKind.Vlm);
        var answer = harness.AskAsync("Hello");
        await harness.Line.NextAsync("inference");
        await harness.Time.ElapseAsync(harness.Timeouts.FirstDelta);
        await StopInVainAsync(harness);
        await harness.Line.NextAsync("inference");
        await harness.Time.ElapseAsync(harness.Timeouts.FirstDelta);
        await StopInVainAsync(harness);
        var fault = await TaskHarness.FailsAsync(answer);
        Assert.Equal((DeviceFault.Silent, false), (fault.Fault, fault.Received));
        await harness.IsGivenUpAsync();
    }

    [Fact]
    public async Task A_dead_unit_is_not_asked_a_second_time()
    {
        // 9.3.8, 9: it publishes to nobody, and control calls vanish too.
        var harness = await TaskHarness.StartAsync();
        var answer = harness.AskAsync("Hello");
        await harness.Line.NextAsync("inference");
        await harness.Time.ElapseAsync(harness.Timeouts.FirstDelta);
        await StopInVainAsync(harness, isAlive: false);
        var fault = await TaskHarness.FailsAsync(answer);
        Assert.Equal((DeviceFault.Silent, false), (fault.Fault, fault.Received));
        await harness.IsGivenUpAsync(confirmed: false);
    }

    [Fact]
    public async Task A_generation_that_stops_in_the_middle_is_a_fault_and_not_tried_again()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, _) = await harness.BeginAsync();
        var failing = answer.MoveNextAsync().AsTask();
        await harness.Time.ElapseAsync(harness.Timeouts.NextDelta);
        await StopInVainAsync(harness);
        var fault = await TaskHarness.FailsAsync(failing);
        Assert.Equal((DeviceFault.Silent, true), (fault.Fault, fault.Received));
        await harness.IsGivenUpAsync();
    }

    [Fact]
    public async Task A_generation_that_stalls_and_can_be_stopped_leaves_a_usable_task()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        var failing = answer.MoveNextAsync().AsTask();
        await harness.Time.ElapseAsync(harness.Timeouts.NextDelta);
        await harness.Line.NextAsync("pause");
        await harness.Line.FinishAsync(request);
        await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("taskinfo"));
        Assert.True((await TaskHarness.FailsAsync(failing)).Received);
        await harness.WorksAsync();
    }

    [Fact]
    public async Task A_control_call_that_waits_behind_a_setup_makes_the_task_unusable_but_not_wrong()
    {
        // 9.3.15: the answer ended by itself, and pauses are still under way that would stop the next one.
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        var stopped = answer.DisposeAsync().AsTask();
        await harness.Line.NextAsync("pause");
        await harness.Line.FinishAsync(request);
        await harness.Line.NextAsync("taskinfo");
        await harness.IsUnansweredAsync(harness.Timeouts.Stop);
        await stopped.WaitAsync(ScriptedLine.Hang);
        await harness.IsGivenUpAsync(confirmed: false);
    }

    [Fact]
    public async Task A_task_that_vanished_while_it_was_stopped_is_used_no_more()
    {
        var harness = await TaskHarness.StartAsync();
        var (answer, request) = await harness.BeginAsync();
        var stopped = answer.DisposeAsync().AsTask();
        await harness.Line.NextAsync("pause");
        await harness.Line.FinishAsync(request);
        await harness.Line.RefuseAsync(await harness.Line.NextAsync("taskinfo"), -6);
        await stopped.WaitAsync(ScriptedLine.Hang);
        await harness.IsGivenUpAsync();
    }

    [Fact]
    public async Task The_task_of_a_setup_that_took_too_long_is_ended_when_it_comes()
    {
        // 9.3.14: a tokenizer that does not come up.
        var harness = new TaskHarness();
        var pending = harness.SetupAsync();
        var line = await harness.Device.AcceptAsync();
        var setup = await line.NextAsync("setup");
        await harness.Time.ElapseAsync(harness.Timeouts.Setup);
        Assert.Equal(DeviceFault.Silent, (await TaskHarness.FailsAsync(pending)).Fault);
        await line.AcknowledgeAsync(setup, "llm.1003");
        var exit = await line.NextAsync("exit");
        Assert.Equal("llm.1003", exit.WorkId);
        await line.AcknowledgeAsync(exit);
        await line.HungUp;
    }

    [Fact]
    public async Task The_task_of_a_setup_that_was_cancelled_is_ended_when_it_comes()
    {
        var harness = new TaskHarness();
        using var cancelling = new CancellationTokenSource();
        var pending = harness.SetupAsync(cancellation: cancelling.Token);
        var line = await harness.Device.AcceptAsync();
        var setup = await line.NextAsync("setup");
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.WaitAsync(ScriptedLine.Hang));
        await line.AcknowledgeAsync(setup, "llm.1003");
        await line.AcknowledgeAsync(await line.NextAsync("exit"));
        await line.HungUp;
    }

    [Fact]
    public async Task A_setup_that_never_ends_is_left_after_the_longest_one_can_take()
    {
        var harness = new TaskHarness();
        var pending = harness.SetupAsync();
        var line = await harness.Device.AcceptAsync();
        await line.NextAsync("setup");
        await harness.Time.ElapseAsync(harness.Timeouts.Setup);
        await TaskHarness.FailsAsync(pending);
        await harness.Time.ElapseAsync(harness.Timeouts.LateSetup);
        await line.HungUp;
    }

    /// <summary>Pauses bring no end. An alive unit acknowledges them.</summary>
    private static async Task StopInVainAsync(TaskHarness harness, bool isAlive = true)
    {
        var (stop, interval) = (harness.Timeouts.Stop, harness.Timeouts.PauseInterval);
        for (var left = stop; left > TimeSpan.Zero; left -= interval)
        {
            var pause = await harness.Line.NextAsync("pause");
            if (isAlive) await harness.Line.AcknowledgeAsync(pause);
            await harness.Time.ElapseAsync(left < interval ? left : interval);
        }
        if (isAlive) await harness.Line.AcknowledgeAsync(await harness.Line.NextAsync("taskinfo"));
    }
}
