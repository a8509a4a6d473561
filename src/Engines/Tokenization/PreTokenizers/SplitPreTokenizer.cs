using StreamCore.Engines.Tokenization.Patterns;

namespace StreamCore.Engines.Tokenization.PreTokenizers;

/// <summary>What becomes of the matches of a splitting pattern.</summary>
internal enum SplitBehavior
{
    /// <summary>Each is a piece of its own.</summary>
    Isolated,

    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each joins the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each joins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring matches are one piece.</summary>
    Contiguous,
}

/// <summary>Splits at a pattern; <paramref name="invert"/> swaps what matches and what lies between.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public void Apply(List<Piece> pieces, List<Piece> output)
    {
        var segments = new List<Segment>();
        foreach (var piece in pieces)
        {
            segments.Clear();
            pattern.Find(piece.Text.Span, segments);
            Merge(segments);
            foreach (var segment in segments)
            {
                if (behavior == SplitBehavior.Removed && segment.IsMatch != invert)
                    continue;
                output.Add(new Piece(piece.Text[segment.Start..segment.End], piece.AtStart && segment.Start == 0));
            }
        }
    }

    private void Merge(List<Segment> segments)
    {
        switch (behavior)
        {
            case SplitBehavior.Contiguous:
                MergeForward(segments, (match, previousMatch) => match == previousMatch);
                break;
            case SplitBehavior.MergedWithPrevious:
                MergeForward(segments, (match, previousMatch) => match && !previousMatch);
                break;
            case SplitBehavior.MergedWithNext:
                MergeBackward(segments);
                break;
        }
    }

    private void MergeForward(List<Segment> segments, Func<bool, bool, bool> joins)
    {
        var kept = 0;
        var previousMatch = false;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            var match = segment.IsMatch != invert;
            if (kept > 0 && joins(match, previousMatch))
                segments[kept - 1] = segments[kept - 1] with { End = segment.End };
            else
                segments[kept++] = segment;
            previousMatch = match;
        }
        segments.RemoveRange(kept, segments.Count - kept);
    }

    private void MergeBackward(List<Segment> segments)
    {
        var kept = segments.Count;
        var nextMatch = false;
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            var segment = segments[i];
            var match = segment.IsMatch != invert;
            if (kept < segments.Count && match && !nextMatch)
                segments[kept] = segments[kept] with { Start = segment.Start };
            else
                segments[--kept] = segment;
            nextMatch = match;
        }
        segments.RemoveRange(0, kept);
    }
}
