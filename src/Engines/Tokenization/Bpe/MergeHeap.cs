using System.Buffers;

namespace StreamCore.Engines.Tokenization.Bpe;

/// <summary>A binary heap of possible merges: lowest rank first, then leftmost. Not safe for several threads.</summary>
internal sealed class MergeHeap(int capacity)
{
    // Rank in the upper half, position in the lower: one comparison orders both.
    private ulong[] _entries = ArrayPool<ulong>.Shared.Rent(capacity);
    private int _count;

    public void Push(int rank, int position)
    {
        if (_count == _entries.Length)
            Grow();
        var entry = ((ulong)(uint)rank << 32) | (uint)position;
        var at = _count++;
        while (at > 0 && _entries[(at - 1) / 2] > entry)
        {
            _entries[at] = _entries[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        _entries[at] = entry;
    }

    public bool TryPop(out int rank, out int position)
    {
        if (_count == 0)
        {
            rank = position = 0;
            return false;
        }
        rank = (int)(_entries[0] >> 32);
        position = (int)(uint)_entries[0];
        SiftDown(_entries[--_count]);
        return true;
    }

    /// <summary>Gives the storage back; the heap is not used after.</summary>
    public void Release() => ArrayPool<ulong>.Shared.Return(_entries);

    private void SiftDown(ulong entry)
    {
        var at = 0;
        while (at * 2 + 1 < _count)
        {
            var child = at * 2 + 1;
            if (child + 1 < _count && _entries[child + 1] < _entries[child])
                child++;
            if (_entries[child] >= entry)
                break;
            _entries[at] = _entries[child];
            at = child;
        }
        _entries[at] = entry;
    }

    private void Grow()
    {
        var larger = ArrayPool<ulong>.Shared.Rent(_entries.Length * 2);
        _entries.CopyTo(larger, 0);
        Release();
        _entries = larger;
    }
}
