using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Tasks and control calls against a simulated device, one fault at a time; waits are short where it is silent.</summary>
public sealed class SimulatorTests : IAsyncDisposable
{
    private const string Model = "qwen2.5-0.5B-p256-ax630c";
    private const string VisionModel = "internvl2.5-1B-364-ax630c";

    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    /// <summary>Long, so that a busy machine is not taken for a silent device.</summary>
    private readonly DeviceTimeouts _timeouts = new() { PauseInterval = TimeSpan.FromMilliseconds(30), Stop = TimeSpan.FromSeconds(20) };

    private SimulatedDevice? _device;

    public async ValueTask DisposeAsync()
    {
        if (_device is not null) await _device.DisposeAsync();
    }

    [Fact]
    public async Task Over_a_socket_the_device_and_its_models_are_told()
    {
        var device = Start();
        using var dialer = new SocketDialer("127.0.0.1", device.EndPoint.Port, NullLogger.Instance);
        await using var control = await DeviceControl.OpenAsync(dialer, _timeouts, TimeProvider.System, NullLogger.Instance, default);
        await control.PingAsync(default);
        Assert.StartsWith("v", await control.VersionAsync(default), StringComparison.Ordinal);
        var models = await control.ListModelsAsync(default);
        Assert.Equal(
            SimulatedModel.Installed.Select(model => (model.Name, model.Unit)).Order(),
            models.Select(model => (model.Mode, model.Unit!.Name)).Order());
        Assert.Equal(256, models.Single(model => model.Mode == Model).PrefillTokens);
        Assert.True((await control.MemoryAsync(default))!.Value.Remaining > 0);
        Assert.Empty(await control.ListTasksAsync(UnitKind.Llm, default));
    }

    [Theory]
    [InlineData(Fault.HugeModelList)]
    [InlineData(Fault.FirstFirmware)]
    [InlineData(Fault.SplitReplies)]
    [InlineData(Fault.GluedReplies)]
    [InlineData(Fault.ThinAcknowledgements)]
    public async Task Models_are_read_whatever_the_list_looks_like(Fault fault)
    {
        var device = Start(fault);
        await using var control = await DeviceControl.OpenAsync(new SimulatorDialer(device), _timeouts, TimeProvider.System, NullLogger.Instance, default);
        var listing = control.ListModelsAsync(default);
        // Held back, it comes with the next.
        if (fault == Fault.GluedReplies) await control.VersionAsync(default);
        Assert.Superset(SimulatedModel.Installed.Select(model => model.Name).ToHashSet(), (await listing.WaitAsync(Hang)).Select(model => model.Mode).ToHashSet());
    }

    [Theory]
    [InlineData(Fault.NoMemoryInfo)]
    [InlineData(Fault.GarbageMemoryInfo)]
    public async Task Memory_that_is_not_told_is_unknown(Fault fault)
    {
        var device = Start(fault);
        await using var control = await DeviceControl.OpenAsync(new SimulatorDialer(device), _timeouts, TimeProvider.System, NullLogger.Instance, default);
        Assert.Null(await control.MemoryAsync(default).WaitAsync(Hang));
    }

    [Fact]
    public async Task Over_a_socket_a_task_answers_and_leaves_nothing_behind()
    {
        var device = Start();
        using var dialer = new SocketDialer("localhost", device.EndPoint.Port, NullLogger.Instance);
        var task = await SetUpAsync(dialer);
        Assert.Equal(Expected("Tell me in 30 words"), await AskAsync(task, "Tell me in 30 words"));
        Assert.True(await task.ExitAsync().WaitAsync(Hang));
        await device.UntilAsync(device => device.Connections == 0 && device.Tasks.Count == 0).WaitAsync(Hang);
        Assert.Empty(device.Mistakes);
    }

    [Fact]
    public async Task What_the_unit_sees_is_what_was_asked()
    {
        var device = Start();
        await using var task = await SetUpAsync(new SimulatorDialer(device));
        string[] texts =
        [
            "braces { } }} {{", "quotes \" and \\ and \\n and \\u0041", "line\nbreak\ttab\r", "日本語 😀 naïve", "", "reset", "None", "half \ud83d pair",
            "\"request_id\" \"data\" \"action\"", "control \u0001\f\b", new string('x', 600) + " in 3 words",
        ];
        foreach (var text in texts)
        {
            var answer = await AskAsync(task, text);
            var generation = device.Generations[^1];
            var sent = text is "" or "None" or "reset" ? text + " " : text.Replace('\ud83d', '\ufffd').Replace("\ufffd\ude00", "😀", StringComparison.Ordinal);
            Assert.Equal(SimulatedText.Seen(Model, "You are.", [sent]), generation.Seen);
            if (text.Length < 600) Assert.Equal(generation.Answer, answer);
        }
        Assert.Empty(device.Mistakes);
    }

    [Fact]
    public async Task Vision_sees_the_images_and_the_text_as_they_are()
    {
        var device = Start();
        await using var task = await SetUpAsync(new SimulatorDialer(device), UnitKind.Vlm, VisionModel);
        byte[] image = [0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9];
        const string Text = "What is {this}?\n\"A\" \\ or 😀, in 9 words";
        var answer = "";
        await foreach (var delta in task.InferAsync(new() { Text = Text, Images = [image] }, default)) answer += delta.Text;
        Assert.Equal(SimulatedText.Of(VisionModel, SimulatedText.Seen(VisionModel, "You are.", [Text], image)), answer);
        Assert.Equal(Expected("And now?", VisionModel), await AskAsync(task, "And now?"));
        Assert.Empty(device.Mistakes);
    }

    [Theory]
    [InlineData(Fault.SplitReplies)]
    [InlineData(Fault.ThinAcknowledgements)]
    [InlineData(Fault.ArmScanner)]
    [InlineData(Fault.FirstInferenceLost)]
    [InlineData(Fault.FrontStalls)]
    [InlineData(Fault.SlowHandover)]
    [InlineData(Fault.MislabelledErrors)]
    public async Task Faults_of_the_wire_are_not_noticed(Fault fault)
    {
        var device = Start(fault);
        await using var task = await SetUpAsync(new SimulatorDialer(device));
        for (var i = 0; i < 3; i++) Assert.Equal(Expected($"Question {i}"), await AskAsync(task, $"Question {i}"));
        Assert.True(task.IsUsable);
        Assert.Empty(device.Mistakes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Fault.FinishBeforePauseAcknowledgement)]
    [InlineData(Fault.TailTokensLost)]
    [InlineData(Fault.SplitReplies)]
    public async Task A_stopped_task_gives_the_next_request_its_own_answer(Fault? fault)
    {
        var device = Start(fault is { } on ? [on] : [], Pace.Fast with { Token = TimeSpan.FromMilliseconds(10) });
        await using var task = await SetUpAsync(new SimulatorDialer(device));
        for (var parts = 0; parts < 6; parts++)
        {
            await StopAfterAsync(task, "Go on for 2000 words", parts);
            Assert.True(task.IsUsable);
            Assert.Equal(Expected($"Question {parts} in 5 words"), await AskAsync(task, $"Question {parts} in 5 words"));
        }
        Assert.Empty(device.Mistakes);
    }

    [Fact]
    public async Task A_pause_that_is_lost_now_and_then_is_repeated()
    {
        var device = Start([], Pace.Fast with { Token = TimeSpan.FromMilliseconds(10) });
        device.Faults = Faults.None.With(Fault.PauseLost, 0.6);
        await using var task = await SetUpAsync(new SimulatorDialer(device));
        for (var parts = 0; parts < 6; parts++)
        {
            await StopAfterAsync(task, "Go on for 2000 words", parts);
            Assert.True(task.IsUsable);
            Assert.Equal(Expected($"Question {parts} in 5 words"), await AskAsync(task, $"Question {parts} in 5 words"));
        }
    }

    [Fact]
    public async Task A_task_that_cannot_be_stopped_is_ended()
    {
        WaitBriefly();
        var device = Start([Fault.PauseLost], Pace.Fast with { Token = TimeSpan.FromMilliseconds(10) });
        var task = await SetUpAsync(new SimulatorDialer(device));
        await StopAfterAsync(task, "Go on for 2000 words", 2);
        Assert.False(task.IsUsable);
        await task.ExitAsync().WaitAsync(Hang);
        await device.UntilAsync(device => device.Connections == 0 && device.Tasks.Count == 0).WaitAsync(Hang);
    }

    [Theory]
    [InlineData(Fault.InferenceLost, DeviceFault.Silent)]
    [InlineData(Fault.GenerationThrows, DeviceFault.Silent)]
    [InlineData(Fault.UnitCrashes, DeviceFault.Silent)]
    [InlineData(Fault.ConnectionDrops, DeviceFault.ConnectionLost)]
    [InlineData(Fault.SetupFails, DeviceFault.SetupFailed)]
    internal async Task Faults_are_told_in_time_and_nothing_stays_behind(Fault fault, DeviceFault expected)
    {
        if (expected == DeviceFault.Silent) WaitBriefly();
        var device = Start(fault);
        UnitTask? task = null;
        var failed = await Assert.ThrowsAsync<DeviceException>(async () =>
        {
            task = await SetUpAsync(new SimulatorDialer(device));
            await AskAsync(task, "Tell me in 60 words");
        });
        // A crash may be seen as the task's absence, once the unit runs again.
        Assert.True(failed.Fault == expected || fault == Fault.UnitCrashes && failed.Fault == DeviceFault.TaskGone, failed.ToString());
        if (task is not null) await task.ExitAsync().WaitAsync(Hang);
        device.Faults = Faults.None;
        await using (var control = await DeviceControl.OpenAsync(new SimulatorDialer(device), _timeouts, TimeProvider.System, NullLogger.Instance, default))
        {
            if (task is not null) await control.ExitTaskAsync(task.WorkId, default).WaitAsync(Hang);
        }
        await device.UntilAsync(device => device.Connections == 0 && device.Tasks.Count == 0).WaitAsync(Hang);
    }

    [Fact]
    public async Task A_third_task_does_not_fit()
    {
        var device = Start();
        await using var first = await SetUpAsync(new SimulatorDialer(device));
        await using var second = await SetUpAsync(new SimulatorDialer(device));
        var failed = await Assert.ThrowsAsync<DeviceException>(() => SetUpAsync(new SimulatorDialer(device)));
        Assert.Equal(DeviceFault.TaskFull, failed.Fault);
        await device.UntilAsync(device => device.Connections == 2).WaitAsync(Hang);
    }

    [Fact]
    public async Task Two_tasks_at_work_keep_their_answers_apart()
    {
        var device = Start([Fault.SplitReplies]);
        await using var first = await SetUpAsync(new SimulatorDialer(device));
        await using var second = await SetUpAsync(new SimulatorDialer(device));
        async Task TalkAsync(UnitTask task, string who)
        {
            for (var i = 0; i < 20; i++)
            {
                if (i % 4 == 3) await StopAfterAsync(task, $"{who} {i}, go on for 500 words", i % 3);
                else Assert.Equal(Expected($"{who} {i}"), await AskAsync(task, $"{who} {i}"));
            }
        }

        await Task.WhenAll(TalkAsync(first, "one"), TalkAsync(second, "two")).WaitAsync(Hang);
        Assert.Empty(device.Mistakes);
    }

    [Fact]
    public async Task A_killed_device_is_noticed_at_once_and_a_frozen_one_in_time()
    {
        var device = Start([], Pace.Fast with { Token = TimeSpan.FromMilliseconds(10) });
        var task = await SetUpAsync(new SimulatorDialer(device));
        await using (var answer = task.InferAsync(new() { Text = "Go on for 500 words" }, default).GetAsyncEnumerator())
        {
            Assert.True(await answer.MoveNextAsync());
            device.Kill();
            var failed = await Assert.ThrowsAsync<DeviceException>(async () =>
            {
                while (await answer.MoveNextAsync().AsTask().WaitAsync(Hang))
                {
                }
            });
            Assert.Equal((DeviceFault.ConnectionLost, true), (failed.Fault, failed.Received));
        }
        Assert.False(await task.ExitAsync().WaitAsync(Hang));
        Assert.Equal(DeviceFault.ConnectionLost, (await Assert.ThrowsAsync<DeviceException>(() => SetUpAsync(new SimulatorDialer(device)))).Fault);

        device.Restart();
        task = await SetUpAsync(new SimulatorDialer(device));
        WaitBriefly();
        device.Freeze();
        Assert.Equal(DeviceFault.Silent, (await Assert.ThrowsAsync<DeviceException>(() => AskAsync(task, "Hello").WaitAsync(Hang))).Fault);
        Assert.False(task.IsUsable);
    }

    [Fact]
    public async Task A_context_is_forgotten_when_it_is_reset()
    {
        const string Context = "qwen2.5-HA-0.5B-ctx-ax630c";
        var device = Start();
        await using var task = await SetUpAsync(new SimulatorDialer(device), model: Context);
        await AskAsync(task, "My name is Ann");
        await AskAsync(task, "reset");
        Assert.Equal(SimulatedText.Seen(Context, "You are.", ["My name is Ann", "reset "]), device.Generations[^1].Seen);
        await task.ResetContextAsync(default);
        Assert.Equal(Expected("Who am I?", Context), await AskAsync(task, "Who am I?"));
    }

    /// <summary>For tests in which the device is silent.</summary>
    private void WaitBriefly()
    {
        _timeouts.FirstDelta = TimeSpan.FromMilliseconds(600);
        _timeouts.NextDelta = TimeSpan.FromMilliseconds(300);
        _timeouts.Stop = TimeSpan.FromMilliseconds(600);
        _timeouts.Exit = TimeSpan.FromSeconds(2);
    }

    private SimulatedDevice Start(params Fault[] faults) => Start(faults, Pace.Fast);

    private SimulatedDevice Start(Fault[] faults, Pace pace) => _device = SimulatedDevice.Start(new()
    {
        Pace = pace,
        Faults = faults.Aggregate(Faults.None, (all, fault) => all.With(fault)),
    });

    private Task<UnitTask> SetUpAsync(IDeviceDialer dialer, UnitKind? unit = null, string model = Model) => UnitTask.SetupAsync(
        dialer, new() { Unit = unit ?? UnitKind.Llm, Model = model, Prompt = "You are." }, _timeouts, TimeProvider.System, NullLogger.Instance, default).WaitAsync(Hang);

    private static async Task<string> AskAsync(UnitTask task, string text)
    {
        var answer = "";
        await foreach (var delta in task.InferAsync(new() { Text = text }, default)) answer += delta.Text;
        return answer;
    }

    private static async Task StopAfterAsync(UnitTask task, string text, int parts)
    {
        using var stopping = new CancellationTokenSource();
        var answer = task.InferAsync(new() { Text = text }, stopping.Token).GetAsyncEnumerator(default);
        for (var i = 0; i < parts; i++) Assert.True(await answer.MoveNextAsync().AsTask().WaitAsync(Hang));
        if (parts == 0)
        {
            var first = answer.MoveNextAsync().AsTask();
            await stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Hang));
        }
        await answer.DisposeAsync().AsTask().WaitAsync(Hang);
    }

    private static string Expected(string text, string model = Model) => SimulatedText.Of(model, SimulatedText.Seen(model, "You are.", [text]));
}
