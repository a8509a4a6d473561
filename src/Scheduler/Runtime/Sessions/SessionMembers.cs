namespace StreamCore.Scheduler.Sessions;

/// <summary>The members of a pool at one time. Another object after every change, of a capacity too.</summary>
internal sealed class MemberSet(SessionMember[] all)
{
    public SessionMember[] All { get; } = all;
}

/// <summary>The members of a pool, which come and go. Safe for many threads; <paramref name="changed"/> is called after every change.</summary>
internal sealed class SessionMembers(Action changed)
{
    private readonly Lock _lock = new(); // never taken by an engine that tells of a change: it may hold its own
    private MemberSet _set = new([]);
    private bool _isClosed;

    public MemberSet Set => Volatile.Read(ref _set);

    /// <summary>Generations that can run at a time now.</summary>
    public int Capacity
    {
        get
        {
            var capacity = 0;
            foreach (var member in Set.All) capacity += Math.Max(0, member.Capacity);
            return capacity;
        }
    }

    /// <summary>Places that can be taken now.</summary>
    public int Free
    {
        get
        {
            var free = 0;
            foreach (var member in Set.All) free += Math.Max(0, member.Capacity - member.Taken);
            return free;
        }
    }

    /// <summary>Whether some member can run it, in reach or not. True while there are no members: one that can may come.</summary>
    public bool CanRun(GenerationRequest request)
    {
        var hasMembers = false;
        foreach (var member in Set.All)
        {
            if (!member.IsIn) continue;
            if (member.Engine.CanRun(request)) return true;
            hasMembers = true;
        }

        return !hasMembers;
    }

    /// <summary>False when it is one already, or the pool is closed.</summary>
    public bool Add(ISessionEngine engine)
    {
        lock (_lock)
        {
            var member = Find(engine);
            if (_isClosed || member is { IsIn: true }) return false;
            member ??= new SessionMember(engine);
            member.IsIn = true;
            Replace(all => all.Contains(member) ? all : [.. all, member]);
            engine.CapacityChanged += OnCapacityChanged;
        }

        changed();
        return true;
    }

    /// <summary>False when it is none.</summary>
    public bool Remove(ISessionEngine engine)
    {
        lock (_lock)
        {
            if (Find(engine) is not { IsIn: true } member) return false;
            engine.CapacityChanged -= OnCapacityChanged;
            member.IsIn = false;
            Replace(all => all);
        }

        changed();
        return true;
    }

    /// <summary>Forgets those that were removed and have all places back. By the dispatcher, while it places nobody.</summary>
    public void Sweep()
    {
        if (!Array.Exists(Set.All, IsGone)) return;
        lock (_lock) Replace(all => Array.FindAll(all, member => !IsGone(member)));
    }

    /// <summary>Removes all, and takes no more.</summary>
    public void Close()
    {
        lock (_lock) _isClosed = true;
        foreach (var member in Set.All) Remove(member.Engine);
    }

    private static bool IsGone(SessionMember member) => !member.IsIn && member.Taken == 0;

    private SessionMember? Find(ISessionEngine engine) => Array.Find(Set.All, member => member.Engine == engine);

    private void OnCapacityChanged()
    {
        Replace(all => all);
        changed();
    }

    private void Replace(Func<SessionMember[], SessionMember[]> change)
    {
        MemberSet old;
        do old = Set;
        while (Interlocked.CompareExchange(ref _set, new MemberSet(change(old.All)), old) != old);
    }
}
