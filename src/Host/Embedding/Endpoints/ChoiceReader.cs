using System.Runtime.CompilerServices;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Waits for the deltas of one answer's choices, whichever come first. One reader, who then takes all that is ready.</summary>
internal sealed class ChoiceReader(IReadOnlyList<Generation> generations)
{
    private readonly Task<bool>?[] _waits = new Task<bool>?[generations.Count];
    private readonly bool[] _isOver = new bool[generations.Count];
    private int _open = generations.Count;

    /// <summary>False when all choices have been read to their ends.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // called for every delta: its state is reused
    public async ValueTask<bool> WaitAsync()
    {
        if (generations.Count == 1) return await generations[0].WaitToReadAsync();
        var isReady = false;
        while (_open > 0 && !isReady)
        {
            for (var i = 0; i < _waits.Length; i++)
            {
                if (!_isOver[i]) _waits[i] ??= generations[i].WaitToReadAsync().AsTask();
            }

            await Task.WhenAny(_waits.OfType<Task<bool>>());
            for (var i = 0; i < _waits.Length; i++)
            {
                if (_waits[i] is not { IsCompleted: true } wait) continue;
                _waits[i] = null;
                if (await wait) isReady = true;
                else End(i);
            }
        }

        return isReady;
    }

    private void End(int index)
    {
        _isOver[index] = true;
        _open--;
    }
}
