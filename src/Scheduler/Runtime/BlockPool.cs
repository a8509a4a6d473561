namespace StreamCore.Scheduler;

/// <summary>The cache blocks of an engine, by number. Only the step loop touches it.</summary>
internal sealed class BlockPool
{
    private readonly int[] _free;
    private int _freeCount;

    public BlockPool(int blockCount)
    {
        _free = new int[blockCount];
        for (var i = 0; i < blockCount; i++) _free[i] = blockCount - 1 - i; // block 0 is taken first
        _freeCount = blockCount;
    }

    public int FreeCount => Volatile.Read(ref _freeCount);

    /// <summary>Takes a block; the planner made sure that there is one.</summary>
    public int Take() => _free[--_freeCount];

    public void Return(ReadOnlySpan<int> blocks)
    {
        for (var i = blocks.Length; i > 0; i--) _free[_freeCount++] = blocks[i - 1];
    }
}
