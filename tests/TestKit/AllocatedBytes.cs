namespace StreamCore.TestKit;

/// <summary>What code takes of the managed heap.</summary>
public static class AllocatedBytes
{
    private const int Runs = 5;

    /// <summary>
    /// Bytes that a run takes on this thread: the least of several, after one to warm up. What the code itself allocates is in
    /// every run. In a single one there may be up to 8 kB that nobody allocated: a collection that another thread asked for
    /// takes back what is left of this thread's allocation buffer, which the runtime's counter now and then holds for used.
    /// </summary>
    public static long Least(Action run) => Least(static () => { }, run);

    /// <summary>The same with something to prepare before each run, which does not count.</summary>
    public static long Least(Action prepare, Action run)
    {
        prepare();
        run();
        return Enumerable.Range(0, Runs).Min(_ =>
        {
            prepare();
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }
}
