using StreamCore.Engines.Onnx;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>Either one after the other, or all on threads of their own.</summary>
internal readonly struct TestWorkers(bool threads) : IWorkers
{
    public void Run(IParallelWork work, int count)
    {
        if (threads) RunOnThreads(work, count);
        else
            for (var i = 0; i < count; i++) work.Work(i);
    }

    /// <summary>By itself, for what its threads run is an allocation.</summary>
    private static void RunOnThreads(IParallelWork work, int count)
    {
        var started = Enumerable.Range(0, count).Select(i => new Thread(() => work.Work(i))).ToArray();
        foreach (var thread in started) thread.Start();
        foreach (var thread in started) thread.Join();
    }
}
