using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Scheduler;
using StreamCore.StackFlowSimulator;
using Xunit;
using static StreamCore.Engines.Tests.StackFlow.Devices.PoolBench;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

/// <summary>Devices that fail in the midst of traffic: every answer is the right one or a fault, and afterwards all is as before.</summary>
[Collection(nameof(RealClock))]
public class DeviceFaultTests
{
    [Fact]
    public async Task A_device_that_is_down_at_the_start_is_picked_up_later()
    {
        await using var bench = await PoolBench.StartAsync(
            options => options.Models.Add(new DeviceModelOptions { Model = Model, MaxPromptTokens = 99 }), before: device => device.Kill());
        Assert.Equal([Model], bench.Pool.ModelNames);
        Assert.Equal(99, bench.Pool.Find(Model)!.MaxPromptTokens);
        Assert.Empty(bench.Pool.EnginesOf(Model));

        var appeared = new TaskCompletionSource<DeviceModel>(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Pool.ModelAppeared += engine =>
        {
            if (engine.Model.Name == Model) appeared.TrySetResult(engine);
        };
        bench.Device.Restart();
        var engine = await appeared.Task.WaitAsync(Hang);
        Assert.Equal(Expected(Model, "A"), await AskUntilAnsweredAsync(engine, "A"));
    }

    [Fact]
    public async Task A_killed_device_has_no_capacity_and_faults_that_may_be_tried_elsewhere()
    {
        await using var bench = await PoolBench.StartAsync();
        var running = Traffic(bench[Model], 4);
        await bench.Device.UntilAsync(device => device.Generations.Count > 0).WaitAsync(Hang);
        bench.Device.Kill();
        await RightOrFaultAsync(running);
        await PoolBench.UntilAsync(bench[Model], capacity => capacity == 0);
        Assert.True((await Assert.ThrowsAsync<EngineException>(() => AskAsync(bench[Model], "A"))).Fault.MayRetry);
        Assert.Equal(256, bench.Pool.Find(Model)!.MaxPromptTokens);

        bench.Device.Restart();
        await AllIsWellAsync(bench);
    }

    [Fact]
    public async Task A_restarted_device_is_in_use_again()
    {
        await using var bench = await PoolBench.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var (running, before) = (Traffic(bench[Model], 4), bench.Device.Generations.Count);
            await bench.Device.UntilAsync(device => device.Generations.Count > before).WaitAsync(Hang);
            bench.Device.Restart();
            await RightOrFaultAsync(running);
            Assert.Equal(Expected(Model, "A"), await AskUntilAnsweredAsync(bench[Model], "A"));
        }

        await AllIsWellAsync(bench);
    }

    [Fact]
    public async Task A_frozen_device_is_noticed_and_thaws_without_leftovers()
    {
        await using var bench = await PoolBench.StartAsync(Impatient);
        var running = Traffic(bench[Model], 4);
        await bench.Device.UntilAsync(device => device.Generations.Count > 0).WaitAsync(Hang);
        bench.Device.Freeze();
        await RightOrFaultAsync(running);
        await PoolBench.UntilAsync(bench[Model], capacity => capacity == 0);
        bench.Device.Thaw();
        await AllIsWellAsync(bench);
    }

    [Fact]
    public async Task An_unplugged_device_is_noticed_and_plugged_in_without_leftovers()
    {
        await using var bench = await PoolBench.StartAsync(Impatient);
        var running = Traffic(bench[Model], 4);
        await bench.Device.UntilAsync(device => device.Generations.Count > 0).WaitAsync(Hang);
        bench.Device.Unplug();
        await RightOrFaultAsync(running);
        await PoolBench.UntilAsync(bench[Model], capacity => capacity == 0);
        bench.Device.Plug();
        await AllIsWellAsync(bench);
    }

    [Fact]
    public async Task Tasks_that_outlive_a_restart_of_the_front_process_are_ended()
    {
        await using var bench = await PoolBench.StartAsync(Impatient);
        var running = Traffic(bench[Model], 2);
        await bench.Device.UntilAsync(device => device.Tasks.Count == 2).WaitAsync(Hang);
        bench.Device.RestartFront();
        await RightOrFaultAsync(running);
        await AllIsWellAsync(bench);
    }

    [Fact]
    public async Task A_crashed_unit_starts_over_with_new_tasks()
    {
        await using var bench = await PoolBench.StartAsync(Impatient);
        var running = Traffic(bench[Model], 4);
        await bench.Device.UntilAsync(device => device.Generations.Count > 0).WaitAsync(Hang);
        bench.Device.CrashUnit("llm");
        await RightOrFaultAsync(running);
        await AllIsWellAsync(bench);
    }

    [Fact]
    public Task Each_fault_alone_gives_right_answers_or_faults_and_leaves_nothing_behind() => EachFaultAsync(SufferAsync);

    private static async Task SufferAsync(Fault fault)
    {
        await using var bench = await PoolBench.StartAsync(Impatient, new SimulatorOptions { Faults = Faults.None.With(fault, 0.3) });
        for (var round = 0; round < 3; round++)
        {
            await PoolBench.UntilAsync(bench[Model], capacity => capacity > 0);
            await RightOrFaultAsync(Traffic(bench[Model], 4, round));
        }

        bench.Device.Faults = Faults.None;
        await AllIsWellAsync(bench);
    }

    private static (string Text, Task<string> Answer)[] Traffic(DeviceModel engine, int count, int round = 0) =>
        [.. Enumerable.Range(0, count).Select(i => $"Say {60 + i + 10 * round} words").Select(text => (text, AskAsync(engine, text)))];

    private static async Task RightOrFaultAsync((string Text, Task<string> Answer)[] traffic)
    {
        foreach (var (text, answer) in traffic)
        {
            try
            {
                Assert.Equal(Expected(Model, text), await answer.WaitAsync(Hang));
            }
            catch (EngineException fault)
            {
                Assert.True(fault.Fault.MayRetry, fault.Message);
            }
        }
    }

    /// <summary>It answers at full capacity, and when the pool ends nothing of it is left on the device.</summary>
    private static async Task AllIsWellAsync(PoolBench bench)
    {
        Assert.Equal(Expected(Model, "How are you?"), await AskUntilAnsweredAsync(bench[Model], "How are you?"));
        await PoolBench.UntilAsync(bench[Model], capacity => capacity == 2);
        // A task whose connection dropped just before may be found out by the first who uses it.
        await Task.WhenAll(Enumerable.Range(60, 3).Select(i => $"Say {i} words")
            .Select(async text => Assert.Equal(Expected(Model, text), await AskUntilAnsweredAsync(bench[Model], text).WaitAsync(Hang))));
        Assert.InRange(bench.Device.Tasks.Count, 1, 2);
        await bench.Pool.DisposeAsync().AsTask().WaitAsync(Hang);
        await bench.Device.UntilAsync(device => device.Tasks.Count == 0 && device.Connections == 0).WaitAsync(Hang);
    }
}
