using StreamCore.Transport;

namespace StreamCore.Host;

/// <summary>StreamCore inside this program: lets its clients in without a network. Resolved from the container.</summary>
public sealed class StreamCoreHost(HttpConnectionHandler connections)
{
    /// <summary>
    /// A handler for an <see cref="HttpClient"/> that is answered within this process. Requests and answers are the bytes they
    /// would be on a socket, so everything is the same: streams, errors, limits, and that a request given up frees its slot.
    /// Any address beginning with <c>http://</c> will do, since none is looked up. The program's host must have started, or
    /// no model is found. The caller disposes the handler; what is left open ends when the program's host stops.
    /// </summary>
    public HttpMessageHandler CreateHandler() => new SocketsHttpHandler
    {
        ConnectCallback = (_, _) => new(connections.OpenInMemory()),
        // What belongs to a network, or keeps state that a client did not ask for.
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        // The rest of an answer given up is not read on to save the connection, which costs nothing here: the slot is freed at once.
        MaxResponseDrainSize = 0,
        ResponseDrainTimeout = TimeSpan.Zero,
    };
}
