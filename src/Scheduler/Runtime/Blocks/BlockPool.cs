namespace StreamCore.Scheduler.Blocks;

/// <summary>
/// The cache blocks of an engine, by number. Only the step loop touches it.
/// <code>
///   blank --Take--> in use (1 holder) --Return--> blank
///                     | Store                       ^
///                     v                             | Take, when no blank one is left: the one used longest ago
///                   in use, findable --Return by the last holder--> kept
///                     ^                                              |
///                     +--------------------Share---------------------+
/// </code>
/// Blank and kept blocks are free: both can be taken. A findable block is full, so nobody writes to a block that has two holders.
/// </summary>
internal sealed class BlockPool
{
    private readonly int[] _blank;
    private readonly int[] _holders;
    private readonly RecencyList _kept;
    private readonly PrefixIndex _index;
    private int _blankCount;
    private int _freeCount;

    public BlockPool(int blockCount, int blockTokens)
    {
        BlockTokens = blockTokens;
        _blank = new int[blockCount];
        _holders = new int[blockCount];
        _kept = new RecencyList(blockCount);
        _index = new PrefixIndex(blockCount, blockTokens);
        for (var i = 0; i < blockCount; i++) _blank[i] = blockCount - 1 - i; // block 0 is taken first
        _blankCount = _freeCount = blockCount;
    }

    public int BlockTokens { get; }

    /// <summary>Blocks that can be taken. May be asked from any thread.</summary>
    public int FreeCount => Volatile.Read(ref _freeCount);

    /// <summary>Takes a block for new tokens; the planner made sure that there is one.</summary>
    public int Take()
    {
        if (_blankCount == 0) Forget(_kept.Oldest);
        var block = _blank[--_blankCount];
        _holders[block] = 1;
        Volatile.Write(ref _freeCount, _freeCount - 1);
        return block;
    }

    /// <summary>Gives a sequence's blocks back. Its last is the first to be taken again: what follows a beginning is of no use without it.</summary>
    public void Return(ReadOnlySpan<int> blocks)
    {
        for (var i = blocks.Length - 1; i >= 0; i--)
        {
            var block = blocks[i];
            if (--_holders[block] > 0) continue;
            if (_index.Holds(block)) _kept.Append(block);
            else _blank[_blankCount++] = block;
            Volatile.Write(ref _freeCount, _freeCount + 1);
        }
    }

    /// <summary>How many of these blocks nobody else holds.</summary>
    public int CountUnshared(ReadOnlySpan<int> blocks)
    {
        var count = 0;
        foreach (var block in blocks) count += _holders[block] == 1 ? 1 : 0;
        return count;
    }

    /// <summary>Makes a full block findable. Returns the stamp that its successor goes by.</summary>
    public long Store(int block, long parent, ReadOnlySpan<int> tokens) => _index.Store(block, parent, tokens);

    /// <summary>Takes hold of the block that has these tokens after <paramref name="stamp"/>, and moves the stamp on.</summary>
    public bool TryShare(ref long stamp, ReadOnlySpan<int> tokens, out int block)
    {
        if (!_index.TryFind(stamp, tokens, out block, out var found)) return false;
        stamp = found;
        if (_holders[block]++ == 0)
        {
            _kept.Remove(block);
            Volatile.Write(ref _freeCount, _freeCount - 1);
        }

        return true;
    }

    /// <summary>Nothing stored may be used any more: a failed step may have spoiled it.</summary>
    public void ForgetAll()
    {
        while (!_kept.IsEmpty) Forget(_kept.Oldest);
        for (var block = 0; block < _holders.Length; block++)
        {
            if (_index.Holds(block)) _index.Remove(block);
        }
    }

    private void Forget(int keptBlock)
    {
        _kept.Remove(keptBlock);
        _index.Remove(keptBlock);
        _blank[_blankCount++] = keptBlock;
    }
}
