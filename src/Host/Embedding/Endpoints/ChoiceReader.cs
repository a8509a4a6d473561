using System.Runtime.CompilerServices;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Reads the deltas of one answer's choices as they come, whichever choice is next. One reader.</summary>
internal sealed class ChoiceReader(IReadOnlyList<Generation> generations)
{
    private readonly Task<bool>?[] _waits = new Task<bool>?[generations.Count];
    private readonly bool[] _isOver = new bool[generations.Count];
    private int _open = generations.Count;

    /// <summary>The index of a choice that has something to read, or -1 when all have been read to their ends.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // called for every delta: its state is reused
    public async ValueTask<int> NextAsync()
    {
        if (generations.Count == 1) return await generations[0].WaitToReadAsync() ? 0 : -1;
        while (_open > 0)
        {
            for (var i = 0; i < _waits.Length; i++)
            {
                if (!_isOver[i]) _waits[i] ??= generations[i].WaitToReadAsync().AsTask();
            }

            var ready = await Task.WhenAny(_waits.OfType<Task<bool>>());
            var index = Array.IndexOf(_waits, ready);
            _waits[index] = null;
            if (await ready) return index;
            _isOver[index] = true;
            _open--;
        }

        return -1;
    }
}
