namespace StreamCore.Scheduler.Grammar;

/// <summary>
/// The calls that are open. A frame says where its rule returns to, and in which frames: several where ways that differ below came
/// together, so that frames grow with the text and not with the number of ways to read it. Frame 0 is the bottom.
/// Frames only come and go at the end, like a stack.
/// </summary>
internal sealed class Frames
{
    private Frame[] _frames = new Frame[64];
    private Link[] _links = new Link[64];
    private int _count = 1, _linkCount = 1; // link 0 is none

    public int Count => _count;

    public Mark Position => new(_count, _linkCount);

    public int Return(int frame) => _frames[frame].Return;

    /// <summary>Calls that are open with this one.</summary>
    public int Depth(int frame) => _frames[frame].Depth;

    public int FirstLink(int frame) => _frames[frame].FirstLink;

    public int NextLink(int link) => _links[link].Next;

    public int Below(int link) => _links[link].Below;

    /// <summary>A frame above <paramref name="below"/>; one that was made since <paramref name="since"/> by the same call at the same depth is
    /// taken again. Not one of another call, though it returns to the same state: what one of them reads is not the other's.</summary>
    public int Push(int call, int returnTo, int below, int since)
    {
        var depth = _frames[below].Depth + 1;
        for (var frame = since; frame < _count; frame++)
        {
            if (_frames[frame].Call != call || _frames[frame].Depth != depth) continue;
            AddLink(frame, below);
            return frame;
        }

        if (_count == _frames.Length) Array.Resize(ref _frames, _count * 2);
        _frames[_count] = new(call, returnTo, depth, 0);
        AddLink(_count, below);
        return _count++;
    }

    private void AddLink(int frame, int below)
    {
        for (var link = FirstLink(frame); link != 0; link = NextLink(link))
        {
            if (Below(link) == below) return;
        }

        if (_linkCount == _links.Length) Array.Resize(ref _links, _linkCount * 2);
        _links[_linkCount] = new(below, _frames[frame].FirstLink);
        _frames[frame] = _frames[frame] with { FirstLink = _linkCount++ };
    }

    /// <summary>Drops what was pushed after the mark.</summary>
    public void Return(Mark mark) => (_count, _linkCount) = (mark.Frames, mark.Links);

    public void CopyFrom(Frames other)
    {
        if (_frames.Length < other._count) _frames = new Frame[other._frames.Length];
        if (_links.Length < other._linkCount) _links = new Link[other._links.Length];
        other._frames.AsSpan(0, other._count).CopyTo(_frames);
        other._links.AsSpan(0, other._linkCount).CopyTo(_links);
        (_count, _linkCount) = (other._count, other._linkCount);
    }

    /// <summary>Keeps of <paramref name="other"/> what <paramref name="places"/> stand on, and makes them stand on that.</summary>
    public void Keep(Frames other, Span<Place> places, ref int[] moved)
    {
        if (moved.Length < other._count) moved = new int[other._frames.Length];
        moved.AsSpan(0, other._count).Clear();
        (_count, _linkCount) = (1, 1);
        foreach (ref var place in places) place = place with { Frame = Keep(other, place.Frame, moved) };
    }

    /// <summary>Keeps a frame and those below it, which may be newer: it has links to all that came to it. Returns its place here.</summary>
    private int Keep(Frames other, int frame, int[] moved)
    {
        if (frame == 0 || moved[frame] > 0) return moved[frame];
        for (var link = other.FirstLink(frame); link != 0; link = other.NextLink(link)) Keep(other, other.Below(link), moved);
        var kept = _count;
        for (var link = other.FirstLink(frame); link != 0; link = other.NextLink(link))
            Push(other._frames[frame].Call, other.Return(frame), moved[other.Below(link)], kept);
        return moved[frame] = kept;
    }

    /// <summary>How much there was.</summary>
    public readonly record struct Mark(int Frames, int Links);

    private readonly record struct Frame(int Call, int Return, int Depth, int FirstLink);

    private readonly record struct Link(int Below, int Next);
}
