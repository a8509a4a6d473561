using System.Net;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Tests.Sockets;

namespace StreamCore.Transport.Tests.Loopback;

/// <summary>The handler on a free port of this machine, for what only sockets can show. Its clock stands still until a test moves it.</summary>
public sealed class LoopbackServer : IAsyncLifetime
{
    private readonly TestServer _server;
    private SocketServer? _sockets;

    public LoopbackServer()
        : this(AnswerAsync)
    {
    }

    internal LoopbackServer(Func<HttpExchange, ValueTask> application, Action<TransportOptions>? configure = null) =>
        _server = new(application, options =>
        {
            // Else a clock that is moved on to end a connection would cut its last bytes off, too.
            options.WriteTimeout = TimeSpan.FromDays(1);
            configure?.Invoke(options);
        });

    internal RecordingLogger Log => _server.Log;

    internal HttpConnectionHandler Handler => _server.Handler;

    public async ValueTask InitializeAsync()
    {
        _sockets = await SocketServer.StartAsync(_server.Handler.OnConnectedAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _sockets!.UnbindAsync();
        using var giveUp = new CancellationTokenSource(TimeSpan.Zero);
        await _server.Handler.DrainAsync(giveUp.Token);
        await _sockets.DisposeAsync();
    }

    /// <summary>The server has no more to say, and closes in good order when its time has come: the clock is moved on, and the client waits.</summary>
    internal async Task AssertClosesAsync(LoopbackClient client)
    {
        var rest = client.ReceiveToEndAsync();
        while (!rest.IsCompleted && _server.Handler.ConnectionCount > 0)
        {
            _server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal("", await rest.WaitAsync(LoopbackClient.Hang));
    }

    internal Task<LoopbackClient> ConnectAsync() => LoopbackClient.ConnectAsync((IPEndPoint)_sockets!.EndPoint);

    /// <summary>Echoes requests, and what it understands of forms.</summary>
    private static ValueTask AnswerAsync(HttpExchange exchange) =>
        exchange.Request.Header("Content-Type") is null ? TestServer.EchoAsync(exchange) : Multipart.Forms.AnswerAsync(exchange, new());
}
