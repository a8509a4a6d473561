namespace StreamCore.Engines.Onnx.Attention;

/// <summary>Threads lent for one run of the op.</summary>
internal interface IWorkers
{
    /// <summary>Calls <see cref="RaggedAttention.Work"/> once for each worker number below <paramref name="count"/>,
    /// on as many threads as there are, and comes back when all have returned.</summary>
    void Run(RaggedAttention attention, int count);
}
