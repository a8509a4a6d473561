namespace StreamCore.Scheduler.Grammar;

/// <summary>
/// Texts of tokens as a tree of bytes, laid out in order of depth-first visits: the children of a node follow it, and
/// <see cref="End"/> is where its last descendant has been passed. Node 0 is the empty text.
/// </summary>
internal sealed class TokenTrie
{
    private readonly Node[] _nodes;
    private readonly Entry[] _entries;

    /// <summary>Takes the items over and sorts them.</summary>
    public TokenTrie(List<Item> items)
    {
        items.Sort(static (a, b) => a.Text.Span.SequenceCompareTo(b.Text.Span));
        var nodes = new List<Node> { default };
        var path = new List<int> { 0 }; // the nodes of the text before
        var last = ReadOnlyMemory<byte>.Empty;
        _entries = new Entry[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            var text = items[i].Text;
            var shared = text.Span.CommonPrefixLength(last.Span);
            Close(nodes, path, shared);
            for (var at = shared; at < text.Length; at++)
            {
                path.Add(nodes.Count);
                nodes.Add(new() { Byte = text.Span[at], Depth = at + 1, FirstEntry = i, EndEntry = i });
            }

            nodes[path[^1]] = nodes[path[^1]] with { EndEntry = i + 1 };
            _entries[i] = new(items[i].Token, items[i].Characters);
            MaxDepth = Math.Max(MaxDepth, text.Length);
            last = text;
        }

        Close(nodes, path, -1);
        _nodes = [.. nodes];
    }

    /// <summary>Bytes of the longest text.</summary>
    public int MaxDepth { get; }

    public int NodeCount => _nodes.Length;

    public byte Byte(int node) => _nodes[node].Byte;

    public int Depth(int node) => _nodes[node].Depth;

    public int End(int node) => _nodes[node].End;

    /// <summary>The tokens whose text ends at this node.</summary>
    public ReadOnlySpan<Entry> Entries(int node) => _entries.AsSpan(_nodes[node].FirstEntry.._nodes[node].EndEntry);

    /// <summary>The tokens whose text goes on from this node.</summary>
    public ReadOnlySpan<Entry> Below(int node) => _entries.AsSpan(_nodes[node].EndEntry.._nodes[_nodes[node].End - 1].EndEntry);

    private static void Close(List<Node> nodes, List<int> path, int depth)
    {
        while (path.Count > depth + 1)
        {
            nodes[path[^1]] = nodes[path[^1]] with { End = nodes.Count };
            path.RemoveAt(path.Count - 1);
        }
    }

    /// <summary>A text to put in, and what is known of its token.</summary>
    public readonly record struct Item(ReadOnlyMemory<byte> Text, int Token, int Characters);

    /// <summary>A token, and the characters of a JSON string that begin in it before this tree's part of its text.</summary>
    public readonly record struct Entry(int Token, int Characters);

    private readonly record struct Node
    {
        public byte Byte { get; init; }

        public int Depth { get; init; }

        public int End { get; init; }

        public int FirstEntry { get; init; }

        public int EndEntry { get; init; }
    }
}
