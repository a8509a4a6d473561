using System.Numerics;

namespace StreamCore.Engines.Tokenization.Bpe;

/// <summary>
/// The merges: for a pair of token ids the rank of its merge, and for a rank the token it makes. An open-addressing table
/// rather than a dictionary: looking up pairs is what encoding spends its time on.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge: after every real one.</summary>
    public const int None = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;

    private readonly ulong[] _pairs;
    private readonly int[] _ranks;
    private readonly int[] _results;
    private readonly int _shift;

    /// <param name="merges">In order of rank. A pair listed twice has its later rank.</param>
    public MergeTable(IReadOnlyList<Merge> merges)
    {
        // At most half full, so that runs of occupied places stay short.
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        _shift = 64 - BitOperations.Log2((uint)capacity);
        _pairs = new ulong[capacity];
        _ranks = new int[capacity];
        _results = new int[merges.Count];
        Array.Fill(_pairs, Empty);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var place = PlaceOf(Key(merges[rank].Left, merges[rank].Right));
            _pairs[place] = Key(merges[rank].Left, merges[rank].Right);
            _ranks[place] = rank;
            _results[rank] = merges[rank].Result;
        }
    }

    /// <summary>The rank of merging two neighbours, or <see cref="None"/>.</summary>
    public int Rank(int left, int right)
    {
        var place = PlaceOf(Key(left, right));
        return _pairs[place] == Empty ? None : _ranks[place];
    }

    /// <summary>The token that the merge of this rank makes.</summary>
    public int Result(int rank) => _results[rank];

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int PlaceOf(ulong key)
    {
        var place = (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);
        while (_pairs[place] != key && _pairs[place] != Empty)
            place = (place + 1) & (_pairs.Length - 1);
        return place;
    }
}

/// <summary>Two tokens, by id, that become a third when they stand next to each other.</summary>
internal readonly record struct Merge(int Left, int Right, int Result);
