using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests;

public class ProcessorShareTests
{
    [Fact]
    public async Task Steps_run_side_by_side_only_as_far_as_there_are_processors()
    {
        var share = new ProcessorShare(4);
        using ScriptedEngine one = new(), two = new(), wide = new();
        foreach (var engine in (ScriptedEngine[])[one, two, wide]) engine.Hold();
        var first = Run(share.Over(one, 2));
        var second = Run(share.Over(two, 2));
        await one.StepWaits();
        await two.StepWaits();
        var third = Run(share.Over(wide, 8)); // as many as there are
        var arrives = wide.StepWaits();
        one.LetStep();
        await first;
        Assert.False(arrives.IsCompleted);
        two.LetStep();
        await second;
        await arrives;
        wide.Open();
        await third;
    }

    [Fact]
    public async Task A_failed_step_gives_its_processors_back()
    {
        var share = new ProcessorShare(1);
        using var engine = new ScriptedEngine { FailWhen = _ => new InvalidOperationException() };
        var shared = share.Over(engine, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Run(shared));
        engine.FailWhen = null;
        await Run(shared);
    }

    private static Task Run(IBatchEngine engine)
    {
        var step = new RaggedStep();
        step.Add([1], 0, [0], 1);
        return Task.Factory.StartNew(() => engine.Run(step), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
