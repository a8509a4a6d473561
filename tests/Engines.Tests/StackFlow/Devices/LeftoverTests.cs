using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.Tests.Import;
using StreamCore.Scheduler;
using StreamCore.StackFlowSimulator;
using Xunit;
using static StreamCore.Engines.Tests.StackFlow.Devices.PoolBench;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

[Collection(nameof(RealClock))]
public sealed class LeftoverTests : IAsyncDisposable
{
    private readonly TempFolder _temp = new();
    private readonly SimulatedDevice _device = SimulatedDevice.Start(new SimulatorOptions());

    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task Tasks_of_a_crashed_run_are_ended_at_the_next_start_and_others_are_left_alone()
    {
        await CrashAsync("Say 3000 words");
        await using var stranger = await StackFlowPoolTests.StrangerAsync(_device);
        Assert.Equal(["llm.1000", "llm.1001"], Ids());

        await using (await PoolBench.StartAsync([_device], Journal)) Assert.Equal(["llm.1001"], Ids());
        Assert.Empty(_device.Mistakes);
        Assert.Equal(0, new FileInfo(_temp["journal"]).Length);
    }

    [Fact]
    public async Task A_task_that_only_has_the_id_of_ours_is_another_s()
    {
        await CrashAsync("Say 20 words");
        _device.Restart();
        await using var stranger = await StackFlowPoolTests.StrangerAsync(_device);
        Assert.Equal(["llm.1000"], Ids());

        await using (await PoolBench.StartAsync([_device], Journal)) Assert.Equal(["llm.1000"], Ids());
        Assert.Equal(0, new FileInfo(_temp["journal"]).Length);
    }

    [Fact]
    public async Task Leftovers_of_a_device_that_is_down_wait_for_it()
    {
        await CrashAsync("Say 20 words");
        _device.Freeze();
        await using var pool = await PoolBench.StartAsync([_device], options =>
        {
            Journal(options);
            Impatient(options);
        });
        Assert.NotEqual(0, new FileInfo(_temp["journal"]).Length);
        _device.Thaw();
        await _device.UntilAsync(device => device.Tasks.Count == 0).WaitAsync(Hang);
    }

    [Fact]
    public async Task A_clean_end_leaves_nothing_to_end()
    {
        await using (var pool = await PoolBench.StartAsync([_device], Journal))
        {
            await AskAsync(pool.EnginesOf(Model)[0], "A");
            Assert.NotEqual(0, new FileInfo(_temp["journal"]).Length);
        }

        Assert.Empty(Ids());
        Assert.Equal(0, new FileInfo(_temp["journal"]).Length);
    }

    [Fact]
    public async Task A_stop_in_the_midst_of_a_setup_leaves_no_task()
    {
        await using var device = SimulatedDevice.Start(new SimulatorOptions { Pace = Pace.Fast with { TokenizerStart = TimeSpan.FromMilliseconds(300) } });
        await using (var pool = await PoolBench.StartAsync([device], Journal))
        {
            var answer = AskAsync(pool.EnginesOf(Model)[0], "A");
            await device.UntilAsync(device => device.Connections == 2).WaitAsync(Hang);
            await pool.DisposeAsync();
            await Assert.ThrowsAsync<EngineException>(() => answer).WaitAsync(Hang);
        }

        Assert.Empty(device.Tasks);
        await device.UntilAsync(device => device.Connections == 0).WaitAsync(Hang);
        await using (await PoolBench.StartAsync([device], Journal)) Assert.Empty(device.Tasks);
        Assert.Empty(device.Mistakes);
    }

    /// <summary>A run that sets a task up and dies in the midst of its answer.</summary>
    private async Task CrashAsync(string text)
    {
        var dialer = new Dialer(_device);
        await using var pool = await PoolBench.StartAsync([_device], options =>
        {
            Journal(options);
            Impatient(options);
        }, dialer);
        var answer = AskAsync(pool.EnginesOf(Model)[0], text);
        await _device.UntilAsync(device => device.Generations.Count > 0).WaitAsync(Hang);

        pool.Journal.Dispose(); // it says nothing from here on
        await dialer.CutAsync();
        await _device.UntilAsync(device => device.Connections == 0).WaitAsync(Hang);
        try
        {
            await answer.WaitAsync(Hang);
        }
        catch (EngineException)
        {
        }
    }

    private void Journal(StackFlowOptions options) => options.Journal = _temp["journal"];

    private IEnumerable<string> Ids() => _device.Tasks.Select(task => task.WorkId).Order();
}
