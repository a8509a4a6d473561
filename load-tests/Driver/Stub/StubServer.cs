using System.Net;
using System.Net.Sockets;

namespace StreamCore.LoadTests.Stub;

/// <summary>
/// Speaks as much of the OpenAI API as the driver asks for, over bare sockets, and gives words at a set pace instead of a model's. So little
/// work is done here that thousands of streams show what the driver can do.
/// </summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly StubSettings _settings;
    private readonly SemaphoreSlim _slots;
    private readonly Task _accepting;
    private long _generations;
    private long _lost;

    public StubServer(StubSettings settings)
    {
        _settings = settings;
        _slots = new SemaphoreSlim(settings.Slots);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, settings.Port));
        _listener.Listen(4096);
        _accepting = AcceptAsync();
    }

    public Uri Url => new UriBuilder("http", "127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port).Uri;

    /// <summary>Connections that went away in the middle of an answer.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stopping.Token));
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Stopping, or a client that left before it was accepted.
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = new StubConnection(socket, _settings, _slots, _stopping.Token);
        try
        {
            while (await connection.ReadAsync())
                await connection.AnswerAsync(refused: connection.IsGeneration && _settings.RefuseEvery > 0 && Interlocked.Increment(ref _generations) % _settings.RefuseEvery == 0);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            if (!_stopping.IsCancellationRequested) Interlocked.Increment(ref _lost);
        }
    }
}
