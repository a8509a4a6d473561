using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using StreamCore.Transport.Connections;

namespace StreamCore.Transport.Sockets;

/// <summary>
/// One accepted socket as a pair of pipes, with a loop for each direction. What is received is handed over on the thread that received
/// it. What is flushed there is sent there; what is flushed elsewhere goes to the loop, which sends all that lies in the pipe at once.
/// </summary>
internal sealed class SocketConnection : ConnectionContext
{
    /// <summary>Room for a receive; 4 KiB is the head of any usual request, with the body of a small one.</summary>
    private const int ReceiveBytes = 4 * 1024;

    /// <summary>Room for a receive after one that was filled: a body is on its way.</summary>
    private const int BodyReceiveBytes = 32 * 1024;

    private static long _accepted;

    private readonly PipeWriter _received;
    private readonly PipeReader _toSend;
    private readonly CancellationTokenSource _closed = new();
    private List<ArraySegment<byte>>? _segments;
    private Task _running = Task.CompletedTask;
    private string? _id;
    private IDictionary<object, object?>? _items;
    private int _isClosed;

    public SocketConnection(Socket socket, SocketPipes pipes)
    {
        Socket = socket;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        var received = new Pipe(pipes.Received);
        var toSend = new Pipe(pipes.ToSend);
        (_received, _toSend) = (received.Writer, toSend.Reader);
        Transport = new PipePair(received.Reader, toSend.Writer);
        ConnectionClosed = _closed.Token;
    }

    public Socket Socket { get; }

    public override string ConnectionId
    {
        get => _id ??= Interlocked.Increment(ref _accepted).ToString(CultureInfo.InvariantCulture);
        set => _id = value;
    }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public void Start() => _running = RunAsync();

    /// <summary>Cuts the connection: what was not sent is lost.</summary>
    public override void Abort(ConnectionAbortedException abortReason) => Close();

    /// <summary>Ends the connection when what was written has been sent.</summary>
    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await _running;
        await base.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        await SendAsync();
        Close();
        await receiving;
        _closed.Cancel();
    }

    /// <summary>Until the client closes its side, fails, or is closed here.</summary>
    private async Task ReceiveAsync()
    {
        Exception? broken = null;
        try
        {
            var room = 0;
            while (true)
            {
                // Nothing left: wait without a buffer, which an idle connection would hold for nothing.
                if (room == 0) await Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                var memory = _received.GetMemory(Math.Max(room, ReceiveBytes));
                var count = await Socket.ReceiveAsync(memory, SocketFlags.None);
                if (count == 0) break;
                room = count < memory.Length ? 0 : BodyReceiveBytes;
                _received.Advance(count);
                if ((await _received.FlushAsync()).IsCompleted) break;
            }
        }
        catch (Exception e) when (BrokenConnection.IsMeantBy(e))
        {
            broken = new ConnectionResetException("The connection was reset.", e);
        }
        await _received.CompleteAsync(broken);
        if (broken is not null) _closed.Cancel();
    }

    /// <summary>Until the application has ended its side and all of it is sent, or sending fails.</summary>
    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var read = await _toSend.ReadAsync();
                if (!read.Buffer.IsEmpty) await SendAsync(read.Buffer);
                _toSend.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }
        }
        catch (Exception e) when (BrokenConnection.IsMeantBy(e))
        {
            // The application sees it at its next flush.
        }
        await _toSend.CompleteAsync();
    }

    private async ValueTask SendAsync(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            await Socket.SendAsync(bytes.First, SocketFlags.None);
            return;
        }
        _segments ??= [];
        foreach (var memory in bytes)
        {
            MemoryMarshal.TryGetArray(memory, out var segment);
            _segments.Add(segment);
        }
        await Socket.SendAsync(_segments, SocketFlags.None);
        _segments.Clear();
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0) return;
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The client was faster.
        }
        Socket.Dispose();
    }
}
