using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Reads the deltas of one answer's choices as they come, whichever choice is next. One reader.</summary>
internal sealed class ChoiceReader(IReadOnlyList<Generation> generations)
{
    // At most one entry for each choice. A choice that is over comes as the complement of its index.
    private readonly Channel<int> _ready = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true });
    private int _open = generations.Count;
    private int _last = -1;

    /// <summary>The index of a choice that has something to read, or -1 when all have been read to their ends.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // called for every delta: its state is reused
    public async ValueTask<int> NextAsync()
    {
        if (generations.Count == 1) return await generations[0].WaitToReadAsync() ? 0 : -1;
        if (_last >= 0) _ = WatchAsync(_last);
        else
        {
            for (var i = 0; i < generations.Count; i++) _ = WatchAsync(i);
        }

        while (_open > 0)
        {
            var index = await _ready.Reader.ReadAsync();
            if (index >= 0) return _last = index;
            _open--;
        }

        return -1;
    }

    private async Task WatchAsync(int index) =>
        _ready.Writer.TryWrite(await generations[index].WaitToReadAsync() ? index : ~index);
}
