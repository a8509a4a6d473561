using System.Diagnostics.CodeAnalysis;

namespace StreamCore.StackFlowSimulator.Running;

/// <summary>What waits for one reader; the loop's. A channel was not taken: reading all of one leaves the loop.</summary>
internal sealed class Mailbox<T>
{
    private readonly Queue<T> _items = new();
    private TaskCompletionSource? _reader;
    private bool _isClosed;

    public void Put(T item)
    {
        if (_isClosed) return;
        _items.Enqueue(item);
        Wake();
    }

    /// <summary>What is in it is still read; nothing more comes in.</summary>
    public void Close()
    {
        _isClosed = true;
        Wake();
    }

    public void Clear() => _items.Clear();

    /// <summary>Waits for something to take; false once it is closed and empty.</summary>
    public async Task<bool> WaitAsync()
    {
        while (_items.Count == 0 && !_isClosed)
        {
            _reader = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await _reader.Task;
        }

        return _items.Count > 0;
    }

    public bool TryTake([MaybeNullWhen(false)] out T item) => _items.TryDequeue(out item);

    private void Wake() => _reader?.TrySetResult();
}
