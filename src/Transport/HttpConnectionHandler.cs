using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using StreamCore.Transport.Connections;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.InMemory;
using StreamCore.Transport.Parsing;
using StreamCore.Transport.Writing;

namespace StreamCore.Transport;

/// <summary>Serves HTTP/1.1 on Kestrel's raw connections, or on any pair of pipes.</summary>
public sealed class HttpConnectionHandler : ConnectionHandler
{
    private const int MaxTurnedAway = 64;

    private readonly ConnectionServices _services;
    private readonly ConnectionTable _connections;
    private readonly TimeSpan _writeTimeout;
    private int _turnedAway;

    /// <exception cref="ArgumentException">The options have faults.</exception>
    public HttpConnectionHandler(IHttpApplication application, TransportOptions options, TimeProvider time, ILogger<HttpConnectionHandler> log)
    {
        var faults = options.Validate();
        if (faults.Count > 0) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _services = new(application, options, time, new DateHeader(time), new RequestsInFlight(application, options), log);
        _connections = new(options);
        _writeTimeout = options.WriteTimeout;
    }

    /// <summary>Connections open now.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Requests being answered now.</summary>
    public int RequestCount => _services.InFlight.Count;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var peer = new PeerInfo(connection.RemoteEndPoint, connection.LocalEndPoint, connection.Features.Get<ITlsHandshakeFeature>() is not null);
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        await ServeAsync(connection.Transport, peer, connection.Abort, stopping, connection.ConnectionClosed);
        AbortIfNotClosed(connection);
    }

    /// <summary>Serves a pair of pipes until it ends, and completes both.</summary>
    /// <param name="pipe">The client's bytes come in, ours go out.</param>
    /// <param name="peer">Who the client is; counted towards the limit per address if it has one.</param>
    /// <param name="stopping">Asks for an end after the answer in hand.</param>
    public Task ServeAsync(IDuplexPipe pipe, PeerInfo peer, CancellationToken stopping) =>
        ServeAsync(pipe, peer, static () => { }, stopping, default);

    /// <summary>Opens a connection that never leaves the process, and gives the client's end of it. Closing that is the client leaving.</summary>
    public Stream OpenInMemory()
    {
        var client = new InMemoryStream();
        // Not from here: the loop would run on the caller's context, and within its trace.
        ThreadPool.UnsafeQueueUserWorkItem(
            static opened => _ = opened.Handler.ServeAsync(opened.Client.Server, default, opened.Client.Break, default, opened.Client.ClientLeft),
            (Handler: this, Client: client), preferLocal: false);
        return client;
    }

    /// <summary>
    /// Ends all connections, each after the answer in hand, and does not keep new ones alive. Done when none is left;
    /// when <paramref name="giveUp"/> fires, what is left is aborted.
    /// </summary>
    public async Task DrainAsync(CancellationToken giveUp)
    {
        var drained = _connections.DrainAsync();
        await using var abort = giveUp.Register(_connections.AbortAll);
        await drained;
    }

    private async Task ServeAsync(IDuplexPipe pipe, PeerInfo peer, Action abort, CancellationToken stopping, CancellationToken closed)
    {
        using var connection = new HttpConnection(pipe, peer, _services, abort);
        var refusal = _connections.TryAdd(connection);
        if (refusal != HttpRejection.None)
        {
            await TurnAwayAsync(connection, refusal);
            return;
        }
        try
        {
            await using var onStopping = stopping.Register(connection.Drain);
            await using var onClosed = closed.Register(connection.OnGone);
            await connection.RunAsync();
        }
        finally
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>A few of those beyond the limit may stay until they have read why; under an attack, the others are closed under what they sent.</summary>
    private async Task TurnAwayAsync(HttpConnection connection, HttpRejection refusal)
    {
        var lingers = Interlocked.Increment(ref _turnedAway) <= MaxTurnedAway;
        try
        {
            await connection.TurnAwayAsync(refusal, lingers);
        }
        finally
        {
            Interlocked.Decrement(ref _turnedAway);
        }
    }

    /// <summary>
    /// What is still in the transport's buffers is sent after we are done with the connection. A client that never reads it
    /// must not hold it for ever.
    /// </summary>
    private void AbortIfNotClosed(ConnectionContext connection)
    {
        if (connection.ConnectionClosed.IsCancellationRequested) return;
        var timer = _services.Time.CreateTimer(static state => ((ConnectionContext)state!).Abort(), connection, _writeTimeout, Timeout.InfiniteTimeSpan);
        connection.ConnectionClosed.Register(static state => ((ITimer)state!).Dispose(), timer);
    }
}
