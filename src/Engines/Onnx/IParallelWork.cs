namespace StreamCore.Engines.Onnx;

/// <summary>Work of an operator that several threads share.</summary>
internal interface IParallelWork
{
    /// <summary>Takes pieces of what is to be done until none is left. Never throws.</summary>
    void Work(int worker);
}
