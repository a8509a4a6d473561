using StreamCore.Protocol.Grammar;

namespace StreamCore.Scheduler.Grammar;

/// <summary>
/// Walks a grammar's tables byte by byte. Places are kept in levels: level 0 is where it stands, and each byte read from there makes
/// the level above; going back is dropping levels. Allocates only to grow. One thread.
/// </summary>
internal sealed class GrammarWalk
{
    private readonly GrammarTables _tables;
    private readonly int _quote; // the class of the closing quotation mark
    private Frames _frames = new(), _spare = new();
    private Place[] _places = new Place[64];
    private Level[] _levels = new Level[16];
    private int[] _moved = [];
    private int _count, _top;

    /// <summary>Stands at the beginning of the grammar.</summary>
    public GrammarWalk(GrammarTables tables)
    {
        _tables = tables;
        _quote = tables.Classes['"'];
        MaxDepth = tables.MaxNesting;
        Start(new(tables.Start, 0, 0, 0));
    }

    /// <summary>Calls that may be open.</summary>
    public int MaxDepth { get; init; }

    /// <summary>The most that a place stood above the bottom, and needed above itself.</summary>
    public int DeepestNeed { get; private set; }

    public Frames Frames => _frames;

    /// <summary>The level of the last byte read.</summary>
    public int Top => _top;

    public ReadOnlySpan<Place> Places => _places.AsSpan(_levels[_top].First.._count);

    public ReadOnlySpan<Place> PlacesOf(int level) =>
        level == _top ? Places : _places.AsSpan(_levels[level].First.._levels[level + 1].First);

    /// <summary>Forgets all and stands at one place, on the bottom.</summary>
    public void Start(Place place)
    {
        _frames.Return(new Frames.Mark(1, 1));
        (_top, _count, DeepestNeed) = (0, 1, 0);
        _levels[0] = new(0, _frames.Position);
        _places[0] = place;
    }

    /// <summary>A new level with this place alone.</summary>
    public void Enter(Place place)
    {
        Open();
        Add(place);
    }

    /// <summary>A new level like the last: a byte that does not count.</summary>
    public void Stay()
    {
        var last = _levels[_top];
        var end = _count;
        Open();
        for (var i = last.First; i < end; i++) Add(_places[i]);
    }

    /// <summary>Drops the levels above this one.</summary>
    public void Return(int level)
    {
        if (level >= _top) return;
        _count = _levels[level + 1].First;
        _frames.Return(_levels[level + 1].Frames);
        _top = level;
    }

    /// <summary>Reads a byte into a new level. False when the grammar does not allow it; then there is no new level.</summary>
    public bool TryRead(byte value)
    {
        var symbol = _tables.Classes[value];
        var (first, end) = (_levels[_top].First, _count);
        if (end == first + 1 && _tables.IsPlain[_places[first].State]) return TryMove(_places[first], symbol);
        Open();
        for (var i = first; i < end; i++) Step(_places[i], symbol);
        if (_count > end) return true;
        Return(_top - 1);
        return false;
    }

    /// <summary>One place whose state only reads bytes: most of a vocabulary inside a string.</summary>
    private bool TryMove(Place place, int symbol)
    {
        var target = _tables.Next[place.State * _tables.ClassCount + symbol];
        if (target < 0 || !Fits(_frames.Depth(place.Frame), target)) return false;
        Open();
        if (_count == _places.Length) Array.Resize(ref _places, _count * 2);
        _places[_count++] = place with { State = target };
        return true;
    }

    /// <summary>Makes the last level the only one.</summary>
    public void Settle()
    {
        var places = _places.AsSpan(_levels[_top].First.._count);
        _spare.Keep(_frames, places, ref _moved);
        (_frames, _spare) = (_spare, _frames);
        places.CopyTo(_places);
        (_count, _top) = (places.Length, 0);
        _levels[0] = new(0, _frames.Position);
    }

    /// <summary>Whether a place of the last level may be the end of the rule at the bottom; <paramref name="ended"/> is the place.</summary>
    public bool TryEnd(out Place ended)
    {
        foreach (var place in Places)
        {
            if (!Ends(place.State, place.Frame)) continue;
            ended = place;
            return true;
        }

        ended = default;
        return false;
    }

    public void CopyFrom(GrammarWalk other)
    {
        _frames.CopyFrom(other._frames);
        if (_places.Length < other._count) _places = new Place[other._places.Length];
        if (_levels.Length <= other._top) _levels = new Level[other._levels.Length];
        other._places.AsSpan(0, other._count).CopyTo(_places);
        other._levels.AsSpan(0, other._top + 1).CopyTo(_levels);
        (_count, _top) = (other._count, other._top);
    }

    private bool Ends(int state, int frame)
    {
        if (!_tables.Accepts[state]) return false;
        if (frame == 0) return true;
        for (var link = _frames.FirstLink(frame); link != 0; link = _frames.NextLink(link))
        {
            if (Ends(_frames.Return(frame), _frames.Below(link))) return true;
        }

        return false;
    }

    private void Open()
    {
        if (++_top == _levels.Length) Array.Resize(ref _levels, _top * 2);
        _levels[_top] = new(_count, _frames.Position);
    }

    private void Step(Place place, int symbol)
    {
        var target = _tables.Next[place.State * _tables.ClassCount + symbol];
        if (target >= 0) Move(place, target, symbol);
        for (var call = _tables.CallOffsets[place.State]; call < _tables.CallOffsets[place.State + 1]; call++) Call(call, place.Frame, symbol);
        if (!_tables.Accepts[place.State] || place.Frame == 0) return;
        var back = _frames.Return(place.Frame);
        if (!_tables.Begins[back * _tables.ClassCount + symbol] && !_tables.Accepts[back]) return;
        for (var link = _frames.FirstLink(place.Frame); link != 0; link = _frames.NextLink(link))
            Step(new(back, _frames.Below(link), 0, 0), symbol);
    }

    private void Move(Place place, int target, int symbol)
    {
        if (place.State != 0) Add(place with { State = target });
        else if (symbol == _quote)
        {
            if (place.Minimum <= 0) Add(place with { State = target });
        }
        else if (place.Maximum > 0) // a character of a string begins
        {
            var most = place.Maximum == int.MaxValue ? int.MaxValue : place.Maximum - 1;
            Add(new(target, place.Frame, Math.Max(0, place.Minimum - 1), most));
        }
    }

    private void Call(int call, int frame, int symbol)
    {
        var (target, back) = (_tables.CallTargets[call], _tables.CallReturns[call]);
        if (!_tables.Begins[target * _tables.ClassCount + symbol]) return;
        var depth = _frames.Depth(frame);
        if (!Fits(depth + 1, target) || !Fits(depth, back)) return;
        var above = _frames.Push(call, back, frame, since: _levels[_top].Frames.Frames);
        Step(new(target, above, _tables.CallMinimums[call], _tables.CallMaximums[call]), symbol);
    }

    private bool Fits(int depth, int state)
    {
        var need = depth + _tables.Needs[state];
        if (need > MaxDepth) return false;
        DeepestNeed = Math.Max(DeepestNeed, need);
        return true;
    }

    private void Add(Place place)
    {
        if (!Fits(_frames.Depth(place.Frame), place.State)) return;
        for (var i = _levels[_top].First; i < _count; i++)
        {
            if (_places[i] == place) return;
        }

        if (_count == _places.Length) Array.Resize(ref _places, _count * 2);
        _places[_count++] = place;
    }

    /// <summary>Where a level's places begin, and what frames there were before it.</summary>
    private readonly record struct Level(int First, Frames.Mark Frames);
}
