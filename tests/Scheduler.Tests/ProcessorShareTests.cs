using System.Collections.Concurrent;
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

    [Fact]
    public async Task Work_between_steps_is_shared_when_processors_are_free_and_else_done_alone()
    {
        var share = new ProcessorShare(2);
        using ScriptedEngine other = new(), two = new() { WorkerCount = 2 };
        var engine = share.Over(two, 2);
        Assert.Equal(2, engine.WorkerCount);
        Assert.Equal([0, 1], Workers(engine));
        Assert.Equal([0, 1], Workers(engine)); // they were given back

        other.Hold();
        var step = Run(share.Over(other, 1));
        await other.StepWaits();
        Assert.Equal([0], Workers(engine));
        other.Open();
        await step;
        Assert.Equal([0, 1], Workers(engine));
    }

    private static List<int> Workers(IBatchEngine engine)
    {
        var work = new NotedWork();
        engine.Share(work);
        return [.. work.Workers.Order()];
    }

    private static Task Run(IBatchEngine engine)
    {
        var step = new RaggedStep();
        step.Add([1], 0, [0], 1);
        return Task.Factory.StartNew(() => engine.Run(step), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private sealed class NotedWork : IParallelWork
    {
        public ConcurrentBag<int> Workers { get; } = [];

        public void Work(int worker) => Workers.Add(worker);
    }
}
