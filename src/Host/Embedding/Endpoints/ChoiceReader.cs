using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Reads the deltas of one answer's choices as they come, whichever choice is next. One reader.</summary>
internal sealed class ChoiceReader(IReadOnlyList<Generation> generations)
{
    private readonly Task<bool>?[] _waits = new Task<bool>?[generations.Count];
    private int _open = generations.Count;

    /// <summary>The index of a choice that has something to read, or -1 when all have been read to their ends.</summary>
    public async ValueTask<int> NextAsync()
    {
        if (generations.Count == 1) return await generations[0].WaitToReadAsync() ? 0 : -1; // no allocation for one choice
        while (_open > 0)
        {
            for (var i = 0; i < _waits.Length; i++)
            {
                if (_waits[i] is { IsCompletedSuccessfully: true, Result: false }) continue;
                _waits[i] ??= generations[i].WaitToReadAsync().AsTask();
            }

            var ready = await Task.WhenAny(_waits.Where(IsOpen)!);
            var index = Array.IndexOf(_waits, ready);
            if (!await ready) { _open--; continue; }
            _waits[index] = null;
            return index;
        }

        return -1;
    }

    private static bool IsOpen(Task<bool>? wait) => wait is not null && !(wait.IsCompletedSuccessfully && !wait.Result);
}
