namespace StreamCore.LoadTests.Client;

/// <summary>Counts for whoever watches while it runs.</summary>
internal sealed class LiveCounts
{
    private long _running;
    private long _done;
    private long _failed;
    private long _tokens;

    public long Running => Volatile.Read(ref _running);

    public long Done => Volatile.Read(ref _done);

    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Pieces of text that arrived.</summary>
    public long Tokens => Volatile.Read(ref _tokens);

    public void Begin() => Interlocked.Increment(ref _running);

    public void Token() => Interlocked.Increment(ref _tokens);

    public void End(RequestRecord record)
    {
        Interlocked.Decrement(ref _running);
        Interlocked.Increment(ref _done);
        if (record.Error is not null) Interlocked.Increment(ref _failed);
    }
}
