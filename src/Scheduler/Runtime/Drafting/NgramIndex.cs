using System.Buffers;
using System.Numerics;

namespace StreamCore.Scheduler.Drafting;

/// <summary>
/// Where in a sequence its short runs of tokens ended last. A table of places by hash: runs that collide overwrite each other, so that
/// one may be missed, but none is wrong, since tokens are compared. Grows with the sequence; a token costs no allocation.
/// </summary>
internal sealed class NgramIndex
{
    private const int Longest = 4, Shortest = 2; // one token alone says too little of what follows it
    private const int PlacesPerToken = 4; // a little more than the runs that end with it

    private int[] _ends = []; // 0: none
    private int _bits; // the table's size is a power of two
    private int _count; // tokens that are in it

    /// <summary>Finds the longest run that ends the sequence and was there before; <paramref name="end"/> is where it ended then.
    /// Remembers what the sequence has since the last time.</summary>
    public bool TryFind(ReadOnlySpan<int> tokens, out int end)
    {
        // Without the runs that end the sequence: they would find themselves.
        Remember(tokens[..^1]);
        end = 0;
        ulong hash = 0;
        for (var length = 1; length <= Math.Min(Longest, tokens.Length - 1); length++)
        {
            hash = Mix(hash, tokens[^length]);
            if (length < Shortest) continue;
            var found = _ends[Place(hash)];
            if (found >= length && tokens[(found - length)..found].SequenceEqual(tokens[^length..])) end = found;
        }

        return end > 0;
    }

    public void Clear()
    {
        if (_ends.Length > 0) ArrayPool<int>.Shared.Return(_ends);
        _ends = [];
        _count = _bits = 0;
    }

    private void Remember(ReadOnlySpan<int> tokens)
    {
        if (tokens.Length * PlacesPerToken > 1 << _bits || _bits == 0) Grow(tokens.Length);
        while (_count < tokens.Length)
        {
            _count++;
            ulong hash = 0;
            for (var length = 1; length <= Math.Min(Longest, _count); length++)
            {
                hash = Mix(hash, tokens[_count - length]);
                if (length >= Shortest) _ends[Place(hash)] = _count;
            }
        }
    }

    /// <summary>A larger table, which everything is entered into again: rare, since it is up to twice as large as needed.</summary>
    private void Grow(int tokens)
    {
        Clear();
        _bits = BitOperations.Log2((uint)Math.Max(tokens, 64) * PlacesPerToken) + 1;
        _ends = ArrayPool<int>.Shared.Rent(1 << _bits);
        Array.Clear(_ends, 0, 1 << _bits);
    }

    private int Place(ulong hash) => (int)(hash >> (64 - _bits));

    /// <summary>The hash of a run with one token more before it. Multiplicative (Knuth, TAOCP 3, 6.4): the highest bits are the best.
    /// Token 0 counts too, or a run that ends with it would share the place of the one without.</summary>
    private static ulong Mix(ulong hash, int token) => (hash + (uint)token + 1) * 0x9E3779B97F4A7C15;
}
