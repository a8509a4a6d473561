using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Connections;

/// <summary>Counts the requests that the application is answering, over all connections of a handler, and says when one is too many.</summary>
internal sealed class RequestsInFlight(IHttpApplication application, TransportOptions options)
{
    private readonly int _max = options.MaxRequestsInFlight;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts a request, which must leave when it is answered, unless there are too many.</summary>
    public bool TryEnter(RequestHead request)
    {
        if (Interlocked.Increment(ref _count) <= _max || application.IsExempt(request)) return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
