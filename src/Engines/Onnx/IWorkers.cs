namespace StreamCore.Engines.Onnx;

/// <summary>Threads lent for one run of an operator.</summary>
internal interface IWorkers
{
    /// <summary>Calls <see cref="IParallelWork.Work"/> once for each worker number below <paramref name="count"/>,
    /// on as many threads as there are, and comes back when all have returned.</summary>
    void Run(IParallelWork work, int count);
}
