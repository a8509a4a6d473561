using System.Threading.Channels;

namespace StreamCore.HttpBench.Peers;

/// <summary>The tokens of one answer.</summary>
internal sealed class TokenStream(PeerSettings settings, Channel<long>? paced, Action<Channel<long>>? close) : IDisposable
{
    private int _given;
    private int _ready;

    /// <summary>Waits until tokens are ready; false when there are no more.</summary>
    public ValueTask<bool> WaitAsync()
    {
        if (_given == settings.Tokens) return new(false);
        _ready = Math.Min(settings.Burst, settings.Tokens - _given);
        return paced is null ? new(true) : paced.Reader.WaitToReadAsync();
    }

    /// <summary>Takes a token that is ready.</summary>
    public bool TryTake(out Token token)
    {
        var due = 0L;
        if (paced is null ? _ready == 0 : _given == settings.Tokens || !paced.Reader.TryRead(out due))
        {
            token = default;
            return false;
        }

        token = new(due, _given++);
        _ready--;
        return true;
    }

    public void Dispose()
    {
        if (paced is not null) close!(paced);
    }
}
