namespace StreamCore.Scheduler.Drafting;

/// <summary>
/// Drafts how a sequence goes on: as it did where its last tokens were before (prompt lookup). Drafts more after it was right, and
/// less, then nothing for a while, after it was wrong.
/// </summary>
internal sealed class Drafter
{
    private const int FirstLength = 2;
    private const int LongestPause = 31; // a text that repeats nothing then has a draft in a sentence or two

    private readonly NgramIndex _index = new();
    private int _length = FirstLength;
    private int _pause; // chances left out before the next draft
    private int _nextPause;

    /// <summary>Writes drafts behind the first <paramref name="known"/> tokens, as many as there is room for at most. Returns how many.</summary>
    public int Propose(Span<int> tokens, int known)
    {
        if (_pause > 0)
        {
            _pause--;
            return 0;
        }

        if (!_index.TryFind(tokens[..known], out var end)) return 0;
        var count = Math.Min(_length, tokens.Length - known);
        // One by one: a short repetition goes on with what was drafted itself.
        for (var i = 0; i < count; i++) tokens[known + i] = tokens[end + i];
        return count;
    }

    /// <summary>So many drafts were verified, and so many of them were right.</summary>
    public void Learn(int verified, int accepted)
    {
        _length = accepted == verified ? Math.Max(_length, verified * 2) : accepted + 1;
        if (accepted > 0)
        {
            _nextPause = 0;
            return;
        }

        _pause = _nextPause;
        _nextPause = Math.Min(_nextPause * 2 + 1, LongestPause);
    }

    /// <summary>Returns its memory.</summary>
    public void Close() => _index.Clear();
}
