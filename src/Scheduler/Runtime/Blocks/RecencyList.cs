namespace StreamCore.Scheduler.Blocks;

/// <summary>Block numbers in the order in which they were last used; a doubly linked list in two arrays, so that nothing is allocated.</summary>
internal sealed class RecencyList
{
    private readonly int[] _next, _previous;
    private readonly int _ends; // the node before the first and after the last

    public RecencyList(int blockCount)
    {
        _next = new int[blockCount + 1];
        _previous = new int[blockCount + 1];
        _ends = _next[blockCount] = _previous[blockCount] = blockCount;
    }

    public bool IsEmpty => _next[_ends] == _ends;

    /// <summary>The one used longest ago.</summary>
    public int Oldest => _next[_ends];

    public void Append(int block)
    {
        var last = _previous[_ends];
        (_previous[block], _next[block]) = (last, _ends);
        _next[last] = _previous[_ends] = block;
    }

    public void Remove(int block)
    {
        _next[_previous[block]] = _next[block];
        _previous[_next[block]] = _previous[block];
    }
}
