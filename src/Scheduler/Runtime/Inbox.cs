using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace StreamCore.Scheduler;

/// <summary>
/// Where submitters leave generations for the step loop. Counts all that are accepted and not over, so the bound holds for waiting
/// ones too. Cancellations need no message: they are a flag on the generation, and the loop sleeps only when there are none.
/// </summary>
internal sealed class Inbox(int capacity)
{
    // One reader, the step loop. As large as the count below allows, so a write fails only after Complete.
    private readonly Channel<Slot> _channel = Channel.CreateBounded<Slot>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private int _live;

    /// <summary>Generations accepted and not over.</summary>
    public int Live => Volatile.Read(ref _live);

    public bool IsComplete => _channel.Reader.Completion.IsCompleted;

    /// <summary>Counts a place for one more. False when there is none.</summary>
    public bool TryReserve(out bool wasIdle)
    {
        var live = Interlocked.Increment(ref _live);
        wasIdle = live == 1;
        if (live <= capacity) return true;
        Interlocked.Decrement(ref _live);
        return false;
    }

    /// <summary>Gives a place back: a generation is over.</summary>
    public void Release() => Interlocked.Decrement(ref _live);

    /// <summary>Hands a slot over, its place being reserved. False after <see cref="Complete"/>.</summary>
    public bool TryWrite(Slot slot) => _channel.Writer.TryWrite(slot);

    public bool TryRead([MaybeNullWhen(false)] out Slot slot) => _channel.Reader.TryRead(out slot);

    /// <summary>Blocks the step loop until there is something to read. False when there never will be.</summary>
    public bool Wait()
    {
        var ready = _channel.Reader.WaitToReadAsync();
        return ready.IsCompleted ? ready.Result : ready.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Takes no more.</summary>
    public void Complete() => _channel.Writer.TryComplete();
}
