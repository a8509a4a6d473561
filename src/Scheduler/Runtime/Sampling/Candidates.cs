namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// The largest values of a row, in order: descending, the lower token id first where values are equal. A candidate is one number,
/// the value's bits made to order like the value, above the complement of its id: comparing numbers is comparing candidates.
/// </summary>
internal sealed class Candidates(int vocabularySize)
{
    private const int SmallestRoom = 1024; // two of these are sorted for the usual top_k of 20 to 50

    private readonly ulong[] _ascending = new ulong[vocabularySize];
    private readonly float[] _maxima = new float[LogitsScan.MaxBlockCount(vocabularySize)];
    private int _count;

    public int Count => _count;

    public ulong Key(int rank) => _ascending[_count - 1 - rank];

    public int Id(int rank) => (int)~(uint)_ascending[_count - 1 - rank];

    public float Value(int rank)
    {
        var bits = (uint)(_ascending[_count - 1 - rank] >> 32);
        return BitConverter.UInt32BitsToSingle((bits & 0x8000_0000) != 0 ? bits & 0x7FFF_FFFF : ~bits);
    }

    /// <summary>Takes the <paramref name="k"/> largest values. Whatever is below the k-th largest of the blocks' maxima, or not over the k-th
    /// value of those seen, is skipped, a block or a vector at a time.</summary>
    /// <param name="maxima">As <see cref="LogitsScan.TryMax"/> gives them.</param>
    public void TakeLargest(ReadOnlySpan<float> logits, ReadOnlySpan<float> maxima, int k)
    {
        var room = Math.Min(_ascending.Length, Math.Max(SmallestRoom, 4 * k));
        var threshold = Largest(maxima, k);
        _count = 0;
        for (var i = 0; (i = LogitsScan.FirstAtLeast(logits, maxima, i, threshold)) < logits.Length; i++)
        {
            _ascending[_count++] = Key(logits[i], i);
            if (_count < room) continue;
            KeepLargest(k);
            threshold = MathF.BitIncrement(Value(k - 1)); // an equal value with a higher id comes too late
        }

        KeepLargest(k);
    }

    /// <summary>Takes every value that is in this bin.</summary>
    public void TakeWhere(ReadOnlySpan<float> logits, ReadOnlySpan<int> bins, int bin)
    {
        _count = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            var next = bins[i..].IndexOf(bin);
            if (next < 0) break;
            i += next;
            _ascending[_count++] = Key(logits[i], i);
        }

        KeepLargest(_count);
    }

    /// <summary>The k-th largest of the blocks' maxima, which the k-th largest value is not below; of fewer blocks nothing follows.</summary>
    private float Largest(ReadOnlySpan<float> maxima, int k)
    {
        if (k > maxima.Length) return float.NegativeInfinity;
        maxima.CopyTo(_maxima);
        _maxima.AsSpan().Sort();
        return _maxima[^k];
    }

    private void KeepLargest(int k)
    {
        _ascending.AsSpan(0, _count).Sort();
        if (_count <= k) return;
        _ascending.AsSpan(_count - k, k).CopyTo(_ascending);
        _count = k;
    }

    public static ulong Key(float value, int id)
    {
        var bits = BitConverter.SingleToUInt32Bits(value + 0f); // -0 becomes +0, which it equals
        var ordered = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return (ulong)ordered << 32 | ~(uint)id;
    }
}
