using System.Buffers;

namespace StreamCore.Engines.Tokenization.Bpe;

/// <summary>
/// Byte-pair merging of one word: always the pair of lowest rank, the leftmost of equals, until none is left.
/// Short words are scanned for it; long ones (a whole prompt, where a tokenizer does not split) keep a heap.
/// </summary>
internal static class Merger
{
    // Where scanning and the heap take about the same time per word.
    private const int ScanLimit = 48;

    /// <summary>Merges in place; gives how many tokens are left, at the front.</summary>
    public static int Merge(Span<int> tokens, MergeTable merges) =>
        tokens.Length <= ScanLimit ? MergeByScan(tokens, merges) : MergeByHeap(tokens, merges);

    internal static int MergeByScan(Span<int> tokens, MergeTable merges)
    {
        if (tokens.Length < 2)
            return tokens.Length;
        // ranks[i] is that of the pair (i, i + 1).
        Span<int> ranks = tokens.Length <= ScanLimit ? stackalloc int[ScanLimit] : new int[tokens.Length];
        var length = tokens.Length;
        for (var i = 0; i + 1 < length; i++)
            ranks[i] = merges.Rank(tokens[i], tokens[i + 1]);
        while (true)
        {
            int best = MergeTable.None, at = -1;
            for (var i = 0; i + 1 < length; i++)
            {
                if (ranks[i] < best)
                    (best, at) = (ranks[i], i);
            }
            if (at < 0)
                return length;
            tokens[at] = merges.Result(best);
            length--;
            tokens[(at + 2)..(length + 1)].CopyTo(tokens[(at + 1)..]);
            ranks[(at + 1)..length].CopyTo(ranks[at..]);
            if (at + 1 < length)
                ranks[at] = merges.Rank(tokens[at], tokens[at + 1]);
            if (at > 0)
                ranks[at - 1] = merges.Rank(tokens[at - 1], tokens[at]);
        }
    }

    internal static int MergeByHeap(Span<int> tokens, MergeTable merges)
    {
        if (tokens.Length < 2)
            return tokens.Length;
        var links = ArrayPool<int>.Shared.Rent(tokens.Length * 2);
        var next = links.AsSpan(0, tokens.Length);
        var previous = links.AsSpan(tokens.Length, tokens.Length);
        // Every merge removes one pair and makes at most two: three entries for each token at the very most.
        var heap = new MergeHeap(tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            if (i + 1 < tokens.Length && merges.Rank(tokens[i], tokens[i + 1]) is var rank and not MergeTable.None)
                heap.Push(rank, i);
        }

        while (heap.TryPop(out var rank, out var at))
        {
            // An entry is out of date when one of its two has been merged meanwhile. Removed tokens are -1.
            var right = next[at];
            if (tokens[at] < 0 || right >= tokens.Length || merges.Rank(tokens[at], tokens[right]) != rank)
                continue;
            tokens[at] = merges.Result(rank);
            tokens[right] = -1;
            next[at] = next[right];
            if (next[at] < tokens.Length)
            {
                previous[next[at]] = at;
                PushPair(heap, merges, tokens[at], tokens[next[at]], at);
            }
            if (previous[at] >= 0)
                PushPair(heap, merges, tokens[previous[at]], tokens[at], previous[at]);
        }

        var length = 0;
        for (var i = 0; i < tokens.Length; i = next[i])
            tokens[length++] = tokens[i];
        heap.Release();
        ArrayPool<int>.Shared.Return(links);
        return length;
    }

    private static void PushPair(MergeHeap heap, MergeTable merges, int left, int right, int at)
    {
        var rank = merges.Rank(left, right);
        if (rank != MergeTable.None)
            heap.Push(rank, at);
    }
}
