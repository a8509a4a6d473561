using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx;

/// <summary>Threads that share the work of an operator.</summary>
internal interface IWorkers
{
    /// <summary>Calls <see cref="IParallelWork.Work"/> for worker 0 and at most once for each other worker number below
    /// <paramref name="count"/>, as threads are free, and comes back when all that were called have returned.</summary>
    void Run(IParallelWork work, int count);
}
