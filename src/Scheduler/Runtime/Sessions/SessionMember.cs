using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler.Sessions;

/// <summary>An engine in a pool, and how many of its places are taken. The dispatcher's; others only read.</summary>
internal sealed class SessionMember(ISessionEngine engine)
{
    private volatile bool _isIn;
    private int _taken;

    public ISessionEngine Engine { get; } = engine;

    /// <summary>False once it was removed: it gets nothing new, and is kept until its places are given back.</summary>
    public bool IsIn
    {
        get => _isIn;
        set => _isIn = value;
    }

    public int Taken => Volatile.Read(ref _taken);

    public MemberState State => new(capacity: Capacity, taken: _taken, LastUsed);

    public int Capacity => IsIn ? Engine.Capacity : 0;

    private long LastUsed { get; set; }

    /// <param name="use">Counted up over all members.</param>
    public void TakePlace(long use)
    {
        Volatile.Write(ref _taken, _taken + 1);
        LastUsed = use;
    }

    public void ReturnPlace() => Volatile.Write(ref _taken, _taken - 1);
}
