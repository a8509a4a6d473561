using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Connections;

/// <summary>
/// A connection to a device: sends requests, and gives each reply to the exchange that it answers. Request ids are unique among all
/// connections of all processes, for a device that was restarted may write to one what was meant for another. Safe for many threads.
/// </summary>
internal sealed class DeviceConnection : IAsyncDisposable
{
    private readonly IDeviceLine _line;
    private readonly ILogger _logger;
    private readonly string _prefix = RandomNumberGenerator.GetHexString(12, lowercase: true) + "-";
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Exchange> _exchanges = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private Exchange? _inference;
    private DeviceException? _fault;
    private int _requests;

    private DeviceConnection(IDeviceLine line, string device, TimeProvider time, ILogger logger)
    {
        _line = line;
        _logger = logger;
        DeviceName = device;
        Time = time;
        _reading = ReadAsync();
    }

    /// <exception cref="DeviceException">The device cannot be reached within that time.</exception>
    public static async Task<DeviceConnection> OpenAsync(
        IDeviceDialer dialer, TimeSpan within, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return new(await dialer.ConnectAsync(either.Token), dialer.Name, time, logger);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DeviceException(DeviceFault.ConnectionLost, $"{dialer.Name}: no connection within {within.TotalSeconds:0.#} s.");
        }
        catch (IOException fault)
        {
            throw new DeviceException(DeviceFault.ConnectionLost, $"{dialer.Name}: {fault.Message}", fault);
        }
    }

    public string DeviceName { get; }

    public TimeProvider Time { get; }

    public bool IsOpen => !_closed.Task.IsCompleted;

    /// <summary>Completes when the connection is lost or disposed of.</summary>
    public Task Closed => _closed.Task;

    /// <summary>For control calls.</summary>
    public Exchange Call(string workId) => new(this, workId, isInference: false);

    /// <summary>For an inference, of which there is one at a time: errors without its name are taken for its own.</summary>
    public Exchange Infer(string workId)
    {
        var exchange = new Exchange(this, workId, isInference: true);
        lock (_gate) _inference = exchange;
        return exchange;
    }

    public async ValueTask DisposeAsync()
    {
        Lose(new(DeviceFault.ConnectionLost, $"{DeviceName}: the connection was closed."));
        _line.Input.CancelPendingRead();
        await _reading;
    }

    internal async ValueTask SendAsync(Exchange exchange, string action, string @object, RequestData data, TimeSpan within, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(within, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await _sending.WaitAsync(either.Token);
            try
            {
                RequestWriter.Write(_line.Output, new(Register(exchange), exchange.WorkId, action, @object, data));
                var flushed = await _line.Output.FlushAsync(either.Token);
                if (flushed.IsCompleted || flushed.IsCanceled) throw new IOException("The device has closed the connection.");
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new DeviceException(DeviceFault.Silent, $"{DeviceName}: it has taken nothing for {within.TotalSeconds:0.#} s.");
        }
        catch (Exception fault) when (fault is IOException or InvalidOperationException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw Lose(new(DeviceFault.ConnectionLost, $"{DeviceName}: {fault.Message}", fault)).Again();
        }
    }

    internal void Forget(Exchange exchange)
    {
        lock (_gate)
        {
            foreach (var id in exchange.Ids) _exchanges.Remove(id);
            if (_inference == exchange) _inference = null;
        }
    }

    private string Register(Exchange exchange)
    {
        lock (_gate)
        {
            if (_fault is not null) throw _fault.Again();
            var id = _prefix + ++_requests;
            exchange.Ids.Add(id);
            _exchanges.Add(id, exchange);
            return id;
        }
    }

    private async Task ReadAsync()
    {
        var replies = new ReplyReader();
        try
        {
            while (true)
            {
                var read = await _line.Input.ReadAsync();
                var buffer = read.Buffer;
                while (replies.TryRead(ref buffer, out var reply)) Dispatch(reply);
                _line.Input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted || read.IsCanceled) throw new IOException("The device has closed the connection.");
            }
        }
        catch (Exception fault)
        {
            Lose(new(DeviceFault.ConnectionLost, $"{DeviceName}: {fault.Message}", fault));
        }
        await _line.DisposeAsync();
    }

    /// <exception cref="InvalidDataException">The connection is of no more use.</exception>
    private void Dispatch(Reply reply)
    {
        // The device could not make out a request (-1, -2): its place in what we send is lost, and what comes next may fail the same way.
        if (reply is { RequestId: "0", Code: not 0 })
            throw new InvalidDataException($"The device could not read a request ({reply.Code} {reply.Message}).");
        if (Find(reply) is not { } exchange) Log.Dropped(_logger, DeviceName, reply.WorkId, reply.RequestId, reply.Code);
        else if (!exchange.TryAdd(reply)) throw new InvalidDataException("The device sends more than is read.");
    }

    private Exchange? Find(Reply reply)
    {
        lock (_gate)
        {
            if (IsMislabelled(reply)) return _inference is { } running && UnitOf(running.WorkId) == reply.WorkId ? running : null;
            return _exchanges.GetValueOrDefault(reply.RequestId) is { } exchange && Concerns(reply, exchange) ? exchange : null;
        }
    }

    /// <summary>
    /// Errors met while an inference is received are sent as if they were of the unit's last control call. No control call has such an error
    /// of its own.
    /// </summary>
    private bool IsMislabelled(Reply reply) =>
        reply.Code is -11 or -23 or -24 or -25 && !reply.WorkId.Contains('.') && reply.RequestId.StartsWith(_prefix, StringComparison.Ordinal);

    private static bool Concerns(Reply reply, Exchange exchange)
    {
        if (reply.WorkId == exchange.WorkId) return true;
        if (exchange.IsInference) return reply.Code != 0 && UnitOf(exchange.WorkId) == reply.WorkId;
        // A setup is answered with the new task's id; some errors come under another unit's name.
        return reply.Code != 0 || UnitOf(reply.WorkId) == exchange.WorkId;
    }

    private static string UnitOf(string workId) => workId.IndexOf('.') is >= 0 and var dot ? workId[..dot] : workId;

    /// <summary>Gives the connection up, for this reason unless there is one already; the reason it has.</summary>
    private DeviceException Lose(DeviceException fault)
    {
        Exchange[] waiting;
        lock (_gate)
        {
            if (_fault is not null) return _fault;
            _fault = fault;
            waiting = [.. _exchanges.Values.Distinct()];
        }
        foreach (var exchange in waiting) exchange.Fail(fault);
        _closed.TrySetResult();
        _line.Input.CancelPendingRead();
        return fault;
    }
}
