using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Front;

/// <summary>A client's connection, at the device's end.</summary>
/// <param name="cut">Ends it in both directions, from any thread.</param>
internal sealed class Connection(int channel, IDuplexPipe pipe, Action cut, Network network)
{
    private readonly ConcurrentQueue<byte[]> _outgoing = new();
    private List<byte>? _held;
    private int _signals;
    private volatile bool _isClosing;

    /// <summary>The number that units know it by.</summary>
    public int Channel => channel;

    public FrameScanner Scanner { get; } = new();

    /// <summary>Replies wait, to go out in one piece. The loop's.</summary>
    public bool IsHeldBack => _held is not null;

    public void HoldBack() => _held = [];

    public void Release()
    {
        if (_held is not { } held) return;
        _held = null;
        Enqueue([.. held]);
    }

    public void Enqueue(byte[] bytes)
    {
        if (_held is null) _outgoing.Enqueue(bytes);
        else _held.AddRange(bytes);
    }

    /// <summary>Sends what is waiting; off the loop.</summary>
    public void Flush()
    {
        if (Interlocked.Increment(ref _signals) == 1) _ = WriteAsync();
    }

    /// <summary>Hangs up once everything is sent.</summary>
    public void Close()
    {
        _isClosing = true;
        Flush();
    }

    /// <summary>Breaks off, as a machine does that loses its power.</summary>
    public void Abort() => _ = AbortAsync();

    /// <summary>Hands on each read until the client has hung up or the connection broke.</summary>
    public async Task ReadAsync(Action<byte[]> received)
    {
        try
        {
            while (true)
            {
                var read = await pipe.Input.ReadAsync().ConfigureAwait(false);
                await network.Plugged.ConfigureAwait(false);
                var bytes = read.Buffer.ToArray();
                pipe.Input.AdvanceTo(read.Buffer.End);
                if (bytes.Length > 0) received(bytes);
                if (read.IsCompleted || read.IsCanceled) break;
            }
        }
        catch (Exception error) when (IsBroken(error))
        {
            // Gone: no difference to the device.
        }

        await network.Plugged.ConfigureAwait(false);
        await pipe.Input.CompleteAsync().ConfigureAwait(false);
        cut();
    }

    private async Task WriteAsync()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _signals);
            try
            {
                while (_outgoing.TryDequeue(out var bytes))
                {
                    await network.Plugged.ConfigureAwait(false);
                    await pipe.Output.WriteAsync(bytes).ConfigureAwait(false);
                }

                if (_isClosing) cut();
            }
            catch (Exception error) when (IsBroken(error))
            {
                _outgoing.Clear();
            }
        } while (Interlocked.CompareExchange(ref _signals, 0, seen) != seen);
    }

    private async Task AbortAsync()
    {
        await network.Plugged.ConfigureAwait(false);
        cut();
    }

    /// <summary>A pipe that was completed under its writer says so by the last of these.</summary>
    private static bool IsBroken(Exception error) => error is IOException or SocketException or ObjectDisposedException or InvalidOperationException;
}
