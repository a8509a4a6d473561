using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;
using StreamCore.StackFlowSimulator;
using Xunit;
using static StreamCore.Engines.Tests.StackFlow.Devices.PoolBench;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

[Collection(nameof(RealClock))]
public class StackFlowPoolTests
{
    [Fact]
    public async Task Models_that_speak_are_found_with_their_limits()
    {
        await using var bench = await StartAsync();
        Assert.Equal(
            SimulatedModel.Installed.Where(model => model.Type is "llm" or "vlm").Select(model => model.Name).Order(), bench.Pool.ModelNames.Order());
        Assert.Equal((256, 1023, 0, true), Limits(bench.Pool.Find(Model)!));
        Assert.Equal((1023, 1023, 0, true), Limits(bench.Pool.Find(Contextual)!));
        Assert.Equal(1, bench.Pool.Find(Vision)!.MaxImageCount);
        Assert.Null(bench.Pool.Find("whisper-tiny"));
        Assert.Empty(bench.Pool.EnginesOf("none"));
    }

    [Fact]
    public async Task An_answer_comes_whole_and_the_task_is_used_again()
    {
        await using var bench = await StartAsync();
        foreach (var text in new[] { "Say 30 words", "What {is} this?", "Grüße, 世界 😀" }) Assert.Equal(Expected(Model, text), await AskAsync(bench[Model], text));
        Assert.Equal("llm.1000", Assert.Single(bench.Device.Tasks).WorkId);
        Assert.Empty(bench.Device.Mistakes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_that_waits_behind_the_setup_of_another_task_keeps_its_own(bool byToken)
    {
        using var stop = new CancellationTokenSource();
        var pace = Pace.Instant with { TokenizerStart = TimeSpan.FromSeconds(1.5), Token = TimeSpan.FromMilliseconds(2) };
        await using var bench = await StartAsync(options => options.Timeouts.Stop = TimeSpan.FromMilliseconds(300), new SimulatorOptions { Pace = pace });
        await using var leaving = bench[Model].RunAsync(Request("Say 5000 words"), stop.Token).GetAsyncEnumerator();
        var first = leaving.MoveNextAsync().AsTask();
        var second = AskAsync(bench[Model], "Say 3 words"); // for which a second task is set up when the first is taken
        Assert.True(await first.WaitAsync(Hang));
        if (byToken)
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                while (await leaving.MoveNextAsync()) await Task.Yield();
            }).WaitAsync(Hang);
        }

        await leaving.DisposeAsync().AsTask().WaitAsync(Hang);
        Assert.Equal(Expected(Model, "Say 3 words"), await second.WaitAsync(Hang));
        var both = new[] { "Say 4 words", "Say 5 words" }.Select(async text => Assert.Equal(Expected(Model, text), await AskAsync(bench[Model], text)));
        await Task.WhenAll(both).WaitAsync(Hang);
        Assert.Equal(["llm.1000", "llm.1001"], bench.Device.Tasks.Select(task => task.WorkId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_answer_s_tokens_are_estimated_and_it_ends_with_stop()
    {
        await using var bench = await StartAsync();
        var (text, tokens, reason) = await RunAsync(bench[Model], Request("Tell me 30 words"));
        Assert.Equal(FinishReason.Stop, reason);
        Assert.InRange(tokens, SimulatedText.Tokens(Model, SimulatedText.Seen(Model, Neutral, ["Tell me 30 words"])).Count, 40);
        Assert.NotEmpty(text);
    }

    [Fact]
    public async Task An_answer_that_used_up_the_device_s_limit_ends_with_length()
    {
        await using var bench = await StartAsync(options => options.Models.Add(new DeviceModelOptions { Model = Model, MaxTokenLength = 100 }));
        var (text, _, reason) = await RunAsync(bench[Model], Request("Tell me 300 words"));
        Assert.Equal(FinishReason.Length, reason);
        Assert.StartsWith(text, Expected(Model, "Tell me 300 words"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_marker_that_comes_as_text_ends_the_answer_and_stops_the_task()
    {
        await using var bench = await StartAsync(simulator: new SimulatorOptions { Faults = Faults.None.With(Fault.EndMarkerAsText) });
        foreach (var text in new[] { "Say 20 words", "Say 25 words" })
        {
            var (answer, _, reason) = await RunAsync(bench[Model], Request(text));
            Assert.Equal((Expected(Model, text), FinishReason.Stop), (answer, reason));
        }

        Assert.Single(bench.Device.Tasks);
    }

    [Fact]
    public async Task Earlier_turns_travel_inside_the_text()
    {
        await using var bench = await StartAsync();
        var request = Request([new(SessionRole.System, "Be kind."), new(SessionRole.User, "A"), new(SessionRole.Assistant, "B"), new(SessionRole.User, "C <|im_end|>")]);
        var (text, _, _) = await RunAsync(bench[Model], request);
        const string Sent = "Be kind.\n\nA<|im_end|>\n<|im_start|>assistant\nB<|im_end|>\n<|im_start|>user\nC < |im_end|>";
        Assert.Equal(Expected(Model, Sent), text);
    }

    [Fact]
    public async Task A_system_prompt_in_the_setup_is_a_task_of_its_own()
    {
        await using var bench = await StartAsync(options => options.Models.Add(new DeviceModelOptions { Model = Model, SystemPrompt = SystemPromptPlace.Setup }));
        foreach (var system in new[] { "One.", "Two.", "One." })
        {
            var (text, _, _) = await RunAsync(bench[Model], Request([new(SessionRole.System, system), new(SessionRole.User, "A")]));
            Assert.Equal(Expected(Model, "A", system), text);
        }

        Assert.Equal(["llm.1000", "llm.1001"], bench.Device.Tasks.Select(task => task.WorkId).Order());
    }

    [Fact]
    public async Task A_context_model_knows_nothing_of_the_conversation_before()
    {
        await using var bench = await StartAsync();
        foreach (var text in new[] { "My name is Anna", "What is my name?", "reset" })
        {
            var sent = text == "reset" ? "reset " : text;
            Assert.Equal(Expected(Contextual, sent), await AskAsync(bench[Contextual], text));
        }
    }

    [Fact]
    public async Task Two_answers_run_at_a_time_and_a_third_waits_for_the_first_that_ends()
    {
        await using var bench = await StartAsync();
        Assert.Equal(2, bench[Model].Capacity);
        string[] texts = ["Say 200 words", "Say 210 words", "Say 20 words", "Say 21 words", "Say 22 words"];
        var answers = await Task.WhenAll(texts.Select(text => AskAsync(bench[Model], text))).WaitAsync(Hang);
        Assert.Equal(texts.Select(text => Expected(Model, text)), answers);
        Assert.Equal(2, bench.Device.Tasks.Count);
        Assert.Empty(bench.Device.Mistakes);
    }

    [Fact]
    public async Task An_idle_task_of_another_model_makes_room_the_least_recently_used_first()
    {
        await using var bench = await StartAsync();
        await AskAsync(bench[Model], "A");
        await AskAsync(bench[Other], "A");
        await AskAsync(bench[Model], "B");
        await AskAsync(bench[Contextual], "A"); // needs the place of Other
        Assert.Equal([Model, Contextual], bench.Device.Tasks.Select(task => task.Model).Order(StringComparer.Ordinal));
        Assert.Equal(3, bench.Device.Generations.Select(generation => generation.WorkId).Distinct().Count());
    }

    [Fact]
    public async Task Idle_tasks_of_any_unit_make_room_in_the_memory()
    {
        await using var bench = await StartAsync(simulator: new SimulatorOptions { MemoryKilobytes = 1_900_000 });
        await AskAsync(bench[Large], "A");
        await AskAsync(bench["smolvlm-256M-ax630c"], "A");
        await AskAsync(bench["internvl3-1B-448-ax630c"], "A"); // says what it takes: 1,674,992
        Assert.Equal(["internvl3-1B-448-ax630c"], bench.Device.Tasks.Select(task => task.Model));
    }

    [Fact]
    public async Task Busy_tasks_are_never_ended_and_who_needs_their_place_waits()
    {
        await using var bench = await StartAsync();
        var running = new[] { "Say 300 words", "Say 301 words" }.Select(text => AskAsync(bench[Model], text)).ToArray();
        await bench.Device.UntilAsync(device => device.Tasks.Count(task => task.IsBusy) == 2).WaitAsync(Hang);
        await UntilAsync(bench[Other], capacity => capacity == 0);
        var waiting = AskAsync(bench[Other], "A");
        Assert.Equal(new[] { "Say 300 words", "Say 301 words" }.Select(text => Expected(Model, text)), await Task.WhenAll(running).WaitAsync(Hang));
        Assert.Equal(Expected(Other, "A"), await waiting.WaitAsync(Hang));
    }

    [Fact]
    public async Task Who_waits_for_another_model_s_place_gets_it_before_those_who_came_later()
    {
        await using var bench = await StartAsync(options => options.Models.Add(new DeviceModelOptions { Model = Other, PoolSize = 1 }));
        var running = new[] { "Say 300 words", "Say 310 words" }.Select(text => AskAsync(bench[Model], text)).ToArray();
        await bench.Device.UntilAsync(device => device.Tasks.Count(task => task.IsBusy) == 2).WaitAsync(Hang);
        var other = AskAsync(bench[Other], "A");
        var later = Enumerable.Range(0, 3).Select(i => AskAsync(bench[Model], $"Say 30{i} words please")).ToArray();
        await Task.WhenAll([.. running, .. later, other]).WaitAsync(Hang);
        var order = bench.Device.Generations.Select(generation => generation.Model).ToList();
        Assert.InRange(order.IndexOf(Other), 2, 4); // after the two that ran, and at most one that the second place served
    }

    [Fact]
    public async Task Other_sampling_sets_the_task_up_again_and_the_pool_s_size_holds()
    {
        await using var bench = await StartAsync(options => options.Models.Add(new DeviceModelOptions { Model = Model, PoolSize = 1 }));
        Assert.Equal(1, bench[Model].Capacity);
        foreach (var sampling in new[] { SamplingSettings.Default, Sampling(0), Sampling(0.5f), Sampling(0.5f) })
            Assert.Equal(Expected(Model, "A"), await AskAsync(bench[Model], "A", sampling));
        Assert.Equal("llm.1002", Assert.Single(bench.Device.Tasks).WorkId);
    }

    [Fact]
    public async Task Fixed_sampling_refuses_what_it_is_not()
    {
        await using var bench = await StartAsync(
            options => options.Models.Add(new DeviceModelOptions { Model = Model, Sampling = DeviceSampling.Fixed, Temperature = 0.3 }));
        Assert.True(bench[Model].CanRun(Request("A")));
        Assert.True(bench[Model].CanRun(Request("A", Sampling(0.3f))));
        Assert.False(bench[Model].CanRun(Request("A", Sampling(0.4f))));
    }

    [Fact]
    public async Task What_is_too_long_or_has_images_is_refused_by_models_that_do_not_take_it()
    {
        await using var bench = await StartAsync();
        var request = Request("A");
        Assert.False(bench[Model].CanRun(request with { Session = request.Session! with { Tokens = 257 } }));
        Assert.False(bench[Model].CanRun(request with { Session = null }));
        var image = Request([new SessionMessage(SessionRole.User, "A") { Images = [new byte[10]] }]);
        Assert.False(bench[Model].CanRun(image));
        Assert.True(bench[Vision].CanRun(image));
    }

    [Fact]
    public async Task A_cancelled_answer_is_stopped_and_its_task_goes_on_with_the_next()
    {
        await using var bench = await StartAsync();
        using var leaving = new CancellationTokenSource();
        var pieces = bench[Model].RunAsync(Request("Say 3000 words"), leaving.Token).GetAsyncEnumerator();
        Assert.True(await pieces.MoveNextAsync());
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await pieces.MoveNextAsync())
            {
            }
        });
        await pieces.DisposeAsync().AsTask().WaitAsync(Hang);
        Assert.Equal(Expected(Model, "B"), await AskAsync(bench[Model], "B"));
        Assert.Equal("llm.1000", Assert.Single(bench.Device.Tasks).WorkId);
        Assert.Empty(bench.Device.Mistakes);
    }

    [Fact]
    public async Task Who_is_cancelled_while_waiting_leaves_no_trace()
    {
        await using var bench = await StartAsync(options => options.Models.Add(new DeviceModelOptions { Model = Model, PoolSize = 1 }));
        var running = AskAsync(bench[Model], "Say 300 words");
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(Hang);
        using var leaving = new CancellationTokenSource();
        var waiting = RunAsync(bench[Model], Request("B"), leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Hang));
        Assert.Equal(Expected(Model, "Say 300 words"), await running.WaitAsync(Hang));
        Assert.Equal(Expected(Model, "C"), await AskAsync(bench[Model], "C"));
        Assert.DoesNotContain(bench.Device.Generations, generation => generation.Seen.EndsWith("\nB", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_is_backed_off_and_tried_again()
    {
        await using var bench = await StartAsync(simulator: new SimulatorOptions { Faults = Faults.None.With(Fault.SetupFails) });
        var fault = await Assert.ThrowsAsync<EngineException>(() => AskAsync(bench[Model], "A").WaitAsync(Hang));
        Assert.True(fault.Fault.MayRetry);
        bench.Device.Faults = Faults.None;
        await UntilAsync(bench[Model], capacity => capacity > 0);
        Assert.Equal(Expected(Model, "A"), await AskAsync(bench[Model], "A"));
        Assert.Equal(2, bench[Model].Capacity);
    }

    [Fact]
    public async Task A_unit_that_is_not_installed_makes_its_models_unavailable()
    {
        await using var bench = await StartAsync(
            options => options.MaxBackOff = TimeSpan.FromHours(1), new SimulatorOptions { MissingUnits = ["vlm"] });
        Assert.Equal(2, bench[Vision].Capacity);
        await Assert.ThrowsAsync<EngineException>(() => AskAsync(bench[Vision], "A").WaitAsync(Hang));
        Assert.Equal(0, bench[Vision].Capacity);
        await Assert.ThrowsAsync<EngineException>(() => AskAsync(bench[Vision], "A").WaitAsync(Hang));
        Assert.Equal(Expected(Model, "A"), await AskAsync(bench[Model], "A"));
    }

    [Fact]
    public async Task A_unit_that_others_fill_takes_what_there_is()
    {
        await using var bench = await StartAsync();
        await using var stranger = await StrangerAsync(bench.Device);
        string[] texts = ["Say 100 words", "Say 101 words", "Say 102 words"];
        var answers = await Task.WhenAll(texts.Select(text => AskAsync(bench[Model], text))).WaitAsync(Hang);
        Assert.Equal(texts.Select(text => Expected(Model, text)), answers);
        Assert.Equal(2, bench.Device.Tasks.Count);
        await UntilAsync(bench[Model], capacity => capacity == 1);
    }

    [Fact]
    public async Task Only_configured_models_are_served_where_that_is_asked()
    {
        await using var bench = await StartAsync(options =>
        {
            options.Devices[0].Discover = false;
            options.Devices[0].Models.Add(new DeviceModelOptions { Model = Model, Name = "small" });
            options.Devices[0].Models.Add(new DeviceModelOptions { Model = "qwen9-not-installed" });
        });
        Assert.Equal(["qwen9-not-installed", "small"], bench.Pool.ModelNames.Order());
        Assert.Equal(Expected(Model, "A"), await AskAsync(bench["small"], "A"));
        Assert.Equal(0, bench["qwen9-not-installed"].Capacity);
    }

    [Fact]
    public async Task Disposing_ends_all_tasks_and_closes_all_connections()
    {
        var bench = await StartAsync();
        await AskAsync(bench[Model], "A");
        var running = AskAsync(bench[Other], "Say 3000 words");
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(Hang);
        await bench.Pool.DisposeAsync().AsTask().WaitAsync(Hang);
        await Assert.ThrowsAsync<EngineException>(() => running.WaitAsync(Hang));
        await bench.Device.UntilAsync(device => device.Tasks.Count == 0 && device.Connections == 0).WaitAsync(Hang);
        await bench.DisposeAsync();
    }

    internal static SamplingSettings Sampling(float temperature) =>
        new(temperature, 1, 0, 0, null, 1, PenaltySettings.None, [], EndSettings.Default, false);

    /// <summary>Another user's task on the device.</summary>
    internal static async Task<IAsyncDisposable> StrangerAsync(SimulatedDevice device) => await Engines.StackFlow.Units.UnitTask.SetupAsync(
        new Dialer(device), new Engines.StackFlow.Units.TaskSetup { Unit = Engines.StackFlow.Units.UnitKind.Llm, Model = Model },
        new Engines.StackFlow.Units.DeviceTimeouts(), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None);

    private static (int, int, int, bool) Limits(SessionModel model) => (model.MaxPromptTokens, model.MaxContextTokens, model.MaxImageCount, model.IsEstimated);
}
