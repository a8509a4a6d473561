using StreamCore.Engines.Onnx;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>Either one after the other, or all on threads of their own.</summary>
internal readonly struct TestWorkers(bool threads) : IWorkers
{
    public void Run(IParallelWork work, int count)
    {
        if (!threads)
        {
            for (var i = 0; i < count; i++) work.Work(i);
            return;
        }
        var started = Enumerable.Range(0, count).Select(i => new Thread(() => work.Work(i))).ToArray();
        foreach (var thread in started) thread.Start();
        foreach (var thread in started) thread.Join();
    }
}
