namespace StreamCore.Scheduler;

/// <summary>
/// The logprobs of tokens that follow each other, each with the most probable ones at its place. They are of the model's own
/// distribution: the log-softmax of its logits before temperature, penalties, biases and rules, as OpenAI's are.
/// The step loop adds; what was told of in a <see cref="Delta"/> never changes and may be read meanwhile.
/// </summary>
public sealed class LogprobRows
{
    private const int FirstCount = 64;

    private readonly int _topCount;
    private TokenLogprob[] _entries; // of each row the token itself, then the most probable ones
    private int[] _starts = new int[FirstCount];
    private int[] _ends = new int[FirstCount];
    private double _sum;
    private int _scoredCount;

    internal LogprobRows(int topCount)
    {
        _topCount = topCount;
        _entries = new TokenLogprob[FirstCount * (1 + topCount)];
    }

    /// <summary>Tokens that may be read.</summary>
    public int Count { get; private set; }

    /// <summary>The mean of the logprobs of all that was drawn, a token that ended the answer included; 0 where nothing was.</summary>
    public double Mean => _scoredCount == 0 ? 0 : _sum / _scoredCount;

    /// <summary>The token itself.</summary>
    public TokenLogprob Token(int index) => Volatile.Read(ref _entries)[index * (1 + _topCount)];

    /// <summary>The most probable tokens at its place, the most probable first. None where nothing was foreseen.</summary>
    public ReadOnlySpan<TokenLogprob> Top(int index)
    {
        var top = Volatile.Read(ref _entries).AsSpan(index * (1 + _topCount) + 1, _topCount);
        return float.IsNaN(Token(index).Logprob) ? [] : top;
    }

    /// <summary>Bytes of text that were there before the token. Where a token begins inside a character, about there.</summary>
    public int TextStart(int index) => Volatile.Read(ref _starts)[index];

    /// <summary>Bytes of text that are there with the token, which has been told of.</summary>
    public int TextEnd(int index) => Volatile.Read(ref _ends)[index];

    /// <summary>Bytes of text that were there after the token, as far as it is known yet.</summary>
    internal int TextEnd(int index, int length) => index + 1 < Count ? _starts[index + 1] : length;

    /// <summary>The row of one more token, to be filled: the token, then room for the most probable ones.</summary>
    internal Span<TokenLogprob> Add(int textStart)
    {
        if (Count == _starts.Length)
        {
            Volatile.Write(ref _entries, Larger(_entries));
            Volatile.Write(ref _starts, Larger(_starts));
            Volatile.Write(ref _ends, Larger(_ends));
        }

        _starts[Count] = textStart;
        return _entries.AsSpan(Count++ * (1 + _topCount), 1 + _topCount);
    }

    /// <summary>The token is told of now, with text up to there.</summary>
    internal void EndAt(int index, int textEnd) => _ends[index] = textEnd;

    internal void AddToMean(float logprob)
    {
        _sum += logprob;
        _scoredCount++;
    }

    private static T[] Larger<T>(T[] array)
    {
        var larger = new T[array.Length * 2];
        array.CopyTo(larger, 0);
        return larger;
    }
}
