namespace StreamCore.Scheduler;

/// <summary>Work that several threads share.</summary>
public interface IParallelWork
{
    /// <summary>Takes pieces of what is to be done until none is left. Never throws.</summary>
    void Work(int worker);
}
